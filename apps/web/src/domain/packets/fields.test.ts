import { describe, expect, it } from "vitest";
import { completeWith } from "../query/index.ts";
import { packetFields } from "./fields.ts";

/** What is offered at the bar. */
function offered(text: string): readonly string[] {
  const at = text.indexOf("|");
  const { options } = completeWith(text.replace("|", ""), at, { labels: { env: ["prod"] }, interfaces: ["eth0"] }, packetFields);
  return options.map(({ label }) => label);
}

describe("completion offers", () => {
  it.each<[string, readonly string[]]>([
    ["tcp.flags.sy|", ["tcp.flags.syn"]],
    ["tcp.analysis.retr|", ["tcp.analysis.retransmission"]],
    ["frame.com|", ["frame.comment"]],
    ["host.label.|", ["host.label.env"]],
    ["udp |", ["contains", "matches", "&&", "||"]],
    ["eth.src |", ["==", "!=", "in", "contains", "matches", "&&", "||"]],
    ["frame.comment |", ["==", "!=", "contains", "in", "matches", "&&", "||"]],
    ["tcp.port |", ["==", "!=", "<", "<=", ">", ">=", "in", "&&", "||"]],
    ["frame.interface_name == |", ['"eth0"']],
    ["direction == |", ["in", "out"]],
    ["ip.ttl matches |", []],
  ])("%s", (text, labels) => {
    expect(offered(text)).toEqual(labels);
  });

  it("every field with a line about it", () => {
    for (const name of packetFields.names) expect([name, packetFields.of(name).doc !== ""]).toEqual([name, true]);
    expect(packetFields.named("no.such")).toBeNull();
    expect(packetFields.named("interface")).toBe("frame.interface_name");
  });
});
