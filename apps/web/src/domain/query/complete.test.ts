import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { complete, parseQuery, printQuery, type CompletionData } from "./index.ts";
import { someQuery } from "./testQueries.ts";

const data: CompletionData = {
  labels: { env: ["prod", "test"], "team.role": ["edge"] },
  hosts: ["web-1", 'odd "name"'],
  interfaces: ["eth0", "lo"],
  kind: "flows",
};

/** Completes at the bar: the labels, and the text that would be replaced. */
function at(text: string): [labels: string[], replaced: string] {
  const offset = text.indexOf("|");
  const whole = text.slice(0, offset) + text.slice(offset + 1);
  const { from, to, options } = complete(whole, offset, data);
  return [options.map(({ label }) => label), whole.slice(from, to)];
}

describe("completion offers", () => {
  it.each([
    ["tcp.po|", ["tcp.port"], "tcp.po"],
    ["tcp && ud|p", ["udp", "udp.port", "udp.srcport", "udp.dstport"], "udp"],
    ["tcp.flags.s|", ["tcp.flags.syn"], "tcp.flags.s"],
    ["host.label.|", ["host.label.env", "host.label.team.role"], "host.label."],
    ["!(vlan.in|", ["vlan.inner"], "vlan.in"],
    ["frame.|", [], "frame."],
    ["tcp.port |", ["==", "!=", "<", "<=", ">", ">=", "in", "&&", "||"], ""],
    ["(host.name |", ["==", "!=", "contains", "in", "&&", "||", ")"], ""],
    ["host.name con|", ["contains"], "con"],
    ["tcp |", ["&&", "||"], ""],
    ["tcp.port =|", ["==", "!=", "<=", ">="], "="],
    ["direction ==|", ["in", "out"], ""],
    ["direction == o|", ["out"], "o"],
    ["verdict != |", ["pass", "drop"], ""],
    ["ip.proto == ic|", ["icmp", "icmpv6"], "ic"],
    ["host.label.env == |", ['"prod"', '"test"'], ""],
    ["host.label.env == p|", ['"prod"'], "p"],
    ['host.label.env == "p|', ['"prod"'], '"p'],
    ['host.name == "o|dd" && tcp', ['"odd \\"name\\""'], '"odd"'],
    ["interface in {|", ['"eth0"', '"lo"'], ""],
    ["interface in {eth0, l|", ['"lo"'], "l"],
    ["interface in |", ["{"], ""],
    ["ip.proto in {icmp..u|", ["udp"], "u"],
    ["tcp.port in {1 |", [",", "..", "}"], ""],
    ["tcp.port == 1 |", ["&&", "||"], ""],
    ["(tcp.port == 1 |", ["&&", "||", ")"], ""],
    ["tcp.port == 1 &|", ["&&"], "&"],
    ["nofield == |", [], ""],
    ["ip.src == |", [], ""],
    ["= tcp && direction == |", ["in", "out"], ""],
    ["= tcp | ip", [], ""],
  ])("%s", (text, labels, replaced) => {
    expect(at(text)).toEqual([labels, replaced]);
  });

  it("all fields of these rows with a line about each where nothing stands yet", () => {
    const { options } = complete("", 0, data);
    expect(options.map(({ label }) => label)).toEqual(expect.arrayContaining(["ip.addr", "flow.bytes", "host.label.env"]));
    expect(options.map(({ label }) => label)).not.toContain("frame.len");
    for (const { detail } of options) expect(detail).not.toBe("");
  });

  it("no more than a hundred names", () => {
    const hosts = Array.from({ length: 5000 }, (_, i) => `web-${i}`);
    expect(complete("host.name == ", 13, { hosts }).options).toHaveLength(100);
    expect(complete("host.name == web-49", 19, { hosts }).options[0]?.label).toBe('"web-49"');
  });
});

it("anywhere in any filter the place lies within the text, and values and fields taken from it are parsed", () => {
  const seed = Number(process.env["SONDE_SEED"] ?? Date.now() % 2 ** 31);
  console.log(`completion: SONDE_SEED=${seed}`);
  fc.assert(
    fc.property(someQuery, fc.nat(), fc.string({ unit: "binary", maxLength: 3 }), (query, n, more) => {
      const sound = printQuery(query);
      const offset = n % (sound.length + 1);
      for (const text of [sound, sound.slice(0, offset) + more + sound.slice(offset)]) {
        const { from, to } = complete(text, offset, data);
        expect(from).toBeGreaterThanOrEqual(0);
        expect(from).toBeLessThanOrEqual(offset);
        expect(to).toBeGreaterThanOrEqual(offset);
        expect(to).toBeLessThanOrEqual(text.length);
      }
      const { from, options } = complete(sound, offset, data);
      const condition = /(^|&& |\|\| |[(!])$/.test(sound.slice(0, from));
      for (const { label, kind } of options) if (kind === "field" && condition) expect(parseQuery(label).ok).toBe(true);
    }),
    { seed, numRuns: 1000 },
  );
});
