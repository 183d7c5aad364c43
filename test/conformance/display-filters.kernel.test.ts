/** The filter language where it and Wireshark's display filters overlap: the same packets by the predicate and by tshark -Y. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { parseQuery, predicateOf } from "../../apps/web/src/domain/query/index.ts";
import { recordOf } from "../../apps/web/src/domain/testRecords.ts";
import { pcapHeader, pcapRecord } from "../../packages/pcapfile/src/index.ts";
import { gated, needs } from "../support/needs.ts";
import { chooseSeed } from "../support/random.ts";

const seed = chooseSeed(process.env["SONDE_SEED"]);
const PACKETS = 200;
/** A run of tshark takes 0.2 s. */
const RUNS = 25;

type Family = 4 | 6;
const addresses = {
  4: ["10.0.0.1", "10.0.0.2", "10.9.0.7", "192.0.2.1"],
  6: ["2001:db8::1", "2001:db8::2", "2001:db8:1::7", "fe80::1"],
} as const;
const networks = {
  4: ["10.0.0.0/8", "10.0.0.0/24", "192.0.2.0/31", "0.0.0.0/0"],
  6: ["2001:db8::/32", "2001:db8::/48", "fe80::/10", "::/0"],
} as const;
const ports = [1, 53, 443, 8080, 65_535] as const;
const TCP = 6;
const UDP = 17;

const somePacket = fc.record({
  ends: fc.tuple(fc.nat(3), fc.nat(3)),
  /** Of TCP, UDP and ICMP. */
  protocol: fc.nat(2),
  ports: fc.tuple(fc.constantFrom(...ports), fc.constantFrom(...ports)),
  flags: fc.nat(255),
  echo: fc.boolean(),
  vlan: fc.constantFrom(null, 0, 5, 4095),
});
type Packet = typeof somePacket extends fc.Arbitrary<infer T> ? T : never;

function addressBytes(text: string): number[] {
  if (!text.includes(":")) return text.split(".").map(Number);
  const [head = [], tail = []] = text
    .split("::")
    .map((half) => (half === "" ? [] : half.split(":")).map((group) => Number.parseInt(group, 16)));
  return [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail].flatMap((group) => [group >> 8, group & 0xff]);
}

const u16 = (...values: number[]): number[] => values.flatMap((value) => [value >> 8, value & 0xff]);

/** The frame, and the record that the kernel makes of it. */
function built(packet: Packet, family: Family) {
  const [from, to] = packet.ends.map((i) => addressBytes(addresses[family][i] ?? ""));
  const protocol = [TCP, UDP, family === 4 ? 1 : 58][packet.protocol] ?? TCP;
  const [source, destination] = packet.ports;
  const type = family === 4 ? (packet.echo ? 8 : 0) : packet.echo ? 128 : 129;
  const transport =
    protocol === TCP
      ? [...u16(source, destination), ...u16(0, 0, 0, 0), 0x50, packet.flags, ...u16(1024, 0, 0)]
      : protocol === UDP
        ? u16(source, destination, 8, 0)
        : [type, 0, ...u16(0, 7, 1)];
  const head =
    family === 4
      ? [0x45, 0, ...u16(20 + transport.length, 0, 0), 64, protocol, 0, 0, ...(from ?? []), ...(to ?? [])]
      : [0x60, 0, 0, 0, ...u16(transport.length), protocol, 64, ...(from ?? []), ...(to ?? [])];
  const etherType = family === 4 ? 0x0800 : 0x86dd;
  const tag = packet.vlan === null ? [] : [...u16(0x8100, packet.vlan)];
  const frame = Uint8Array.from([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, ...tag, ...u16(etherType), ...head, ...transport]);
  const hex = (bytes: readonly number[] = []): string => Buffer.from(bytes).toString("hex");
  const withPorts = protocol === TCP || protocol === UDP;
  const record = recordOf({
    wireLen: frame.length,
    saddr: hex(from),
    daddr: hex(to),
    u8: { direction: 1, ipProto: protocol, tcpFlags: protocol === TCP ? packet.flags : 0, flags: packet.vlan === null ? 0 : 1 },
    u16: { vlanTci: packet.vlan ?? 0 },
    be16: { ethProtoBe: etherType, sportBe: withPorts ? source : type << 8, dportBe: withPorts ? destination : 7 },
  });
  return { frame, record };
}

const numbers: Readonly<Record<string, readonly number[]>> = {
  "tcp.port": ports,
  "tcp.srcport": ports,
  "tcp.dstport": ports,
  "udp.port": ports,
  "udp.srcport": ports,
  "udp.dstport": ports,
  "tcp.flags": [0, 2, 0x12, 128, 255],
  "frame.len": [42, 46, 54, 58, 62, 66, 74, 78],
  "vlan.id": [0, 5, 6, 4095],
};
const flags = ["syn", "ack", "fin", "reset", "push", "urg", "cwr"].map((name) => `tcp.flags.${name}`);

/** Text that both take. A bare TCP flag is not among it: there Wireshark asks whether the flag is there, and not whether it is set. */
function someText(family: Family): fc.Arbitrary<string> {
  const ip = family === 4 ? "ip" : "ipv6";
  const icmp = family === 4 ? "icmp" : "icmpv6";
  const known = { ...numbers, [`${icmp}.type`]: [0, 8, 128, 129, 200], [`${icmp}.code`]: [0, 1] };
  const order = fc.constantFrom("==", "!=", "<", "<=", ">", ">=", "eq", "ne", "lt", "ge");
  const number = fc.constantFrom(...Object.entries(known)).chain(([name, of]) => {
    const value = fc.constantFrom(...of);
    const range = fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}..${Math.max(a, b)}`);
    const set = fc.array(fc.oneof(value.map(String), range), { minLength: 1, maxLength: 3 }).map((items) => `{${items.join(", ")}}`);
    return fc.oneof(
      fc.tuple(order, value).map(([op, one]) => `${name} ${op} ${one}`),
      set.map((items) => `${name} in ${items}`),
    );
  });
  const single = fc.constantFrom(...addresses[family]);
  const end = fc.constantFrom("addr", "src", "dst").map((name) => `${ip}.${name}`);
  const address = fc.oneof(
    fc.tuple(end, fc.constantFrom("==", "!="), fc.constantFrom(...addresses[family], ...networks[family])).map((parts) => parts.join(" ")),
    fc.tuple(end, order, single).map((parts) => parts.join(" ")),
    fc.tuple(end, fc.array(single, { minLength: 1, maxLength: 3 })).map(([name, items]) => `${name} in {${items.join(", ")}}`),
  );
  const flag = fc.tuple(fc.constantFrom(...flags), fc.constantFrom("== 1", "== 0", "!= 1")).map((parts) => parts.join(" "));
  const present = fc.constantFrom(
    "tcp",
    "udp",
    icmp,
    ip,
    "vlan",
    `${ip}.addr`,
    "tcp.port",
    "udp.dstport",
    "vlan.id",
    `${icmp}.type`,
    "sctp",
  );
  const term = fc.oneof(number, number, address, flag, present);
  const { text } = fc.letrec<{ text: string }>((tie) => ({
    text: fc.oneof(
      { maxDepth: 3 },
      term,
      fc.tuple(fc.constantFrom("!", "not "), tie("text")).map(([not, of]) => `${not}(${of})`),
      fc.tuple(tie("text"), fc.constantFrom("&&", "||", "and", "or"), tie("text")).map(([a, op, b]) => `(${a}) ${op} (${b})`),
      fc.tuple(term, fc.constantFrom("&&", "and"), term, fc.constantFrom("||", "or"), term).map((parts) => parts.join(" ")),
    ),
  }));
  return text;
}

const gate = gated(needs.tshark);
describe.skipIf(gate.skip)(gate.name(`filters take what tshark takes (SONDE_SEED=${seed})`), () => {
  const folder = mkdtempSync(join(tmpdir(), "sonde-display-filters-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Numbers of the frames that it shows, from 1. */
  function shown(path: string, filter: string): number[] {
    const { status, stdout, stderr } = spawnSync("tshark", ["-n", "-r", path, "-Y", filter, "-T", "fields", "-e", "frame.number"], {
      encoding: "utf8",
      env: { ...process.env, WIRESHARK_CONFIG_DIR: folder },
    });
    if (status !== 0) throw new Error(`tshark -Y '${filter}': ${stderr}`);
    return stdout.split("\n").filter(Boolean).map(Number);
  }

  test.each([4, 6] as const)(
    "of IPv%s",
    (family) => {
      const packets = fc.sample(somePacket, { seed, numRuns: PACKETS }).map((packet) => built(packet, family));
      const path = join(folder, `ipv${family}.pcap`);
      const written = packets.map(({ frame }, i) => pcapRecord({ seconds: i, nanoseconds: 0, wireLen: frame.length, bytes: frame }));
      writeFileSync(path, Buffer.concat([pcapHeader({ linkType: 1, snaplen: 65_535 }), ...written]));
      const host = { id: "", name: "", labels: {}, interfaces: new Map<number, string>() };
      fc.assert(
        fc.property(someText(family), (text) => {
          const parsed = parseQuery(text);
          if (!parsed.ok) throw new Error(`${text}: ${parsed.error.message}`);
          const takes = predicateOf(parsed.query, "packets");
          const taken = packets.flatMap(({ record }, i) => (takes({ ...record, host, writtenNs: 0 }) ? [i + 1] : []));
          expect(taken).toEqual(shown(path, text));
        }),
        { seed, numRuns: RUNS },
      );
    },
    120_000,
  );
});
