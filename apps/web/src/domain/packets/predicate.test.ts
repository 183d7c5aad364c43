import { describe, expect, it } from "vitest";
import { generatePackets } from "../../../../../test/support/generate.ts";
import { chooseSeed, seeded } from "../../../../../test/support/random.ts";
import { parseWith } from "../query/index.ts";
import { packetFields } from "./fields.ts";
import { packetPredicate } from "./predicate.ts";
import type { PacketTable } from "./table.ts";
import { tableOf, withoutHeaders } from "./testTables.ts";

const seed = chooseSeed(process.env["SONDE_SEED"]);
const frames = generatePackets(seeded(seed), 400).map(({ bytes, wireLen }) => ({ bytes: Uint8Array.from(bytes), wireLen }));

function taken(table: PacketTable, text: string): number[] {
  const parsed = parseWith(text, packetFields);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error.message}`);
  const takes = packetPredicate(parsed.query, table);
  return Array.from({ length: table.length }, (_, row) => row).filter(takes);
}

describe(`columns say what the packet's own tree says (SONDE_SEED=${seed})`, () => {
  const table = tableOf(frames);
  const thorough = withoutHeaders(tableOf(frames));
  // a value that some packets have, and one beside it
  const statements = packetFields.names.flatMap((name) => {
    const field = packetFields.of(name);
    const isHeader = /^(eth|vlan|arp|ip|ipv6|tcp|udp|icmp|icmpv6|port|srcport|dstport)\b/.test(name) && !name.startsWith("tcp.options");
    return field.source.type === "nodes" && isHeader && field.type === "number" ? [name, `${name} != 17`, `${name} in {0..100}`] : [name];
  });
  const others = [
    "ip.addr == 10.0.0.0/8",
    "ip.src != 10.0.0.1",
    "ipv6.addr == ::/0 && !udp",
    "eth.addr == 02:00:00:00:00:01",
    "eth.dst != 02:00:00:00:00:01",
    "tcp.port == 443 || udp.port == 53",
    "tcp.flags.syn == 1 && tcp.flags.ack == 0",
    "!(tcp.flags.syn)",
    "tcp.port in {1..1000}",
    "tcp.flags == 2",
    "tcp.seq_raw > 1000",
    "vlan.id == 5 || arp",
    "tcp contains 00:00",
    'udp matches "^.{4}"',
    "!malformed && !arp",
  ];

  it("about every field", () => {
    let some = 0;
    for (const text of [...statements, ...others]) {
      const quick = taken(table, text);
      const slow = taken(thorough, text);
      // what was worked out over several packets is not in a tree of one whose headers are not known
      if (!/^tcp\.(stream|seq|ack|nxtseq|window_size|analysis)|^udp\.stream/.test(text))
        expect({ text, rows: quick }).toEqual({ text, rows: slow });
      if (slow.length > 0 && slow.length < frames.length) some++;
    }
    expect(some).toBeGreaterThan(80);
  });
});

describe("what the table knows", () => {
  const table = tableOf(frames.slice(0, 10));
  table.setComments(3, ["look here", "and there"]);
  table.mark(4, true);
  it.each<[string, readonly number[]]>([
    ["", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ["frame.number in {2..4}", [1, 2, 3]],
    ["frame.time_relative >= 0.0075", [8, 9]],
    ["frame.time_delta > 0.0005 && frame.number < 3", [1]],
    ["frame.time_epoch < 1700000000.0015", [0, 1]],
    ["frame.comment", [3]],
    ['frame.comment contains "here" && frame.comment == "and there"', [3]],
    ['frame.comment matches "^LOOK"', [3]],
    ['frame.comment matches "^\\w+\\s(here|\\")$"', [3]],
    ['frame.comment != "nothing"', [3]],
    ["frame.marked || frame.comment", [3, 4]],
    ['frame.interface_name == "eth1" || frame.number == 1', [0]],
    ['host.label.env == "prod" && host.name contains "web" && interface == eth0 && frame.number == 2', [1]],
    ["host.label.other || direction", []],
    ["frame && !(frame.number > 1)", [0]],
  ])("%s", (text, rows) => {
    expect(taken(table, text)).toEqual(rows);
  });
});

describe("a filter that is none says where", () => {
  it.each([
    ["tcp.prot == 1", "there is no field tcp.prot; did you mean tcp.port?", 0, 8],
    ['tcp.port contains "a"', "tcp.port is neither text nor bytes: contains does not apply", 0, 21],
    ['frame matches "("', "a parenthesis is not closed", 0, 17],
    ["eth.src == 02:00", "eth.src expects 6 bytes in hexadecimal, like 02:00:5e:10:00:01", 11, 5],
    ["frame.time_relative > soon", "frame.time_relative expects seconds, like 1.25", 22, 4],
    ["udp contains", "expected a value after contains", 12, 0],
  ])("%s", (text, message, position, length) => {
    expect(parseWith(text, packetFields)).toEqual({ ok: false, error: { message, position, length } });
  });
});
