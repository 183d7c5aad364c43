import { FLOW_BYTES, FlowEnd, RecordFlag, flowAt, recordAt } from "@sonde/protocol";
import { describe, expect, it } from "vitest";
import { recordBytes, type RecordSpec } from "../testRecords.ts";
import {
  and,
  fieldNames,
  fieldOf,
  fieldsOf,
  fieldsWithout,
  isEmpty,
  parseQuery,
  predicateOf,
  type HostFacts,
  type Query,
} from "./index.ts";

const host: HostFacts = {
  id: "0190b6a4-7c3e-7d11-aa55-c0ffee123456",
  name: "web-1",
  labels: { env: "prod" },
  interfaces: new Map([[3, "eth0"]]),
};

function queryOf(text: string): Query {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.query;
}

/** TCP 10.0.0.1:40000 → 192.0.2.1:443 out of eth0, VLAN 5 in 7, in VXLAN 3,000,000,000; SYN and ACK; 10 frames, 1.5 s. */
function flow(change: Partial<Record<keyof typeof flowAt, number>> = {}): DataView {
  const view = new DataView(new ArrayBuffer(FLOW_BYTES));
  const u8 = { ...{ tunnel: 1, family: 4, ipProto: 6, direction: 2, tcpFlags: 0x12, verdict: 0, endReason: FlowEnd.detected } };
  for (const [name, value] of Object.entries(u8)) view.setUint8(flowAt[name as "family"], value);
  [10, 0, 0, 1].forEach((byte, i) => view.setUint8(flowAt.saddr + i, byte));
  [192, 0, 2, 1].forEach((byte, i) => view.setUint8(flowAt.daddr + i, byte));
  view.setUint16(flowAt.sportBe, 40_000);
  view.setUint16(flowAt.dportBe, 443);
  view.setUint32(flowAt.ifindex, 3, true);
  view.setUint16(flowAt.vlan, 0x1005, true);
  view.setUint16(flowAt.vlanInner, 0x1007, true);
  view.setUint32(flowAt.tunnelId, 3_000_000_000, true);
  view.setBigUint64(flowAt.firstNs, 1_000_000_000n, true);
  view.setBigUint64(flowAt.lastNs, 2_500_000_000n, true);
  view.setBigUint64(flowAt.frames, 10n, true);
  view.setBigUint64(flowAt.packets, 20n, true);
  view.setBigUint64(flowAt.bytes, 2n ** 40n, true);
  const wide: ReadonlySet<string> = new Set(["vlan", "vlanInner"]);
  for (const [name, value] of Object.entries(change))
    if (wide.has(name)) view.setUint16(flowAt[name as "vlan"], value, true);
    else view.setUint8(flowAt[name as "family"], value);
  return view;
}

function takes(text: string, view = flow()): boolean {
  return predicateOf(queryOf(text), "flows")({ view, at: 0, host, writtenNs: 3_000_000_000 });
}

/** ICMPv6 echo request 2001:db8::1 → 2001:db8::2 into eth0, dropped, 118 bytes, no VLAN. */
const echo: RecordSpec = {
  wireLen: 118,
  ifindex: 3,
  saddr: `20010db8${"00".repeat(11)}01`,
  daddr: `20010db8${"00".repeat(11)}02`,
  u8: { direction: 1, ipProto: 58, proto: 6 },
  be16: { ethProtoBe: 0x86dd, sportBe: 0x8000, dportBe: 7 },
};

function takesPacket(text: string, spec: RecordSpec = echo): boolean {
  const bytes = recordBytes(spec);
  bytes[recordAt.verdict] = 1;
  return predicateOf(queryOf(text), "packets")({ view: new DataView(bytes.buffer), at: 0, host, writtenNs: 0 });
}

describe("a TCP flow is taken by", () => {
  it.each([
    "",
    "ip.addr == 10.0.0.1 && ip.addr == 192.0.2.0/24 && ip.src == 10.0.0.0/8 && ip.dst == 192.0.2.1",
    "ip.addr in {10.0.0.0..10.0.0.9} && ip.src < 10.0.0.2 && ip.src >= 10.0.0.1 && !(ip.dst <= 192.0.2.0)",
    "ip.addr == 0.0.0.0/0 && !(ip.addr == ::/0)",
    "ip && !ipv6 && ip.version == 4 && ip.proto == tcp && ip.proto == 6 && ip.addr",
    "tcp && !udp && !sctp && !icmp && !icmpv6",
    "port == 443 && srcport == 40000 && dstport == 443 && port in {1..9, 440..450}",
    "tcp.port == 443 && tcp.port > 30000 && tcp.srcport > 0x9000 && tcp.dstport < 1024",
    "tcp.flags == 0x12 && tcp.flags.syn && tcp.flags.ack == 1 && tcp.flags.rst == 0 && !tcp.flags.fin && tcp.flags.psh != 1",
    "!(tcp.flags.urg || tcp.flags.ece || tcp.flags.cwr)",
    "vlan && vlan.id == 5 && vlan.inner == 7",
    "tunnel && vxlan && tunnel.type == vxlan && tunnel.type != gre && tunnel.id == 3000000000 && tunnel.id > 2000000000",
    "interface == eth0 && interface contains th && interface in {lo, eth0}",
    "direction == out && direction != in && verdict == pass && flow.end_reason == end",
    'host.name == web-1 && host.name contains "web" && host.id == "0190b6a4-7c3e-7d11-aa55-c0ffee123456"',
    "host.label.env && host.label.env == prod && host.label.env != test && !host.label.team",
    "flow.bytes == 1099511627776 && flow.bytes > 1T && flow.frames == 10 && flow.packets in {20}",
    "flow.duration == 1500ms && flow.duration > 1s && flow.duration < 1m",
  ])("%s", (text) => {
    expect(takes(text)).toBe(true);
  });

  it("== of one of its values, != only of none: as Wireshark 4 has it", () => {
    expect(takes("ip.addr == 10.0.0.1")).toBe(true);
    expect(takes("ip.addr != 10.0.0.1")).toBe(false);
    expect(takes("ip.addr != 10.0.0.2")).toBe(true);
    expect(takes("port != 443")).toBe(false);
    expect(takes("port > 443 && port < 40000")).toBe(true);
  });

  it("no statement about what is not there, but that it is not", () => {
    for (const text of ["udp.port == 443", "udp.port != 443", "udp.port", "icmp.type != 1", "gre.key != 1", "ipv6.addr != ::1"])
      expect([takes(text), takes(`!(${text})`)]).toEqual([false, true]);
    expect(takes("host.label.team != a")).toBe(false);
    expect(takes("vlan.id != 5 || vlan.id < 5 || vlan", flow({ vlan: 0 }))).toBe(false);
    expect(takes("vlan && vlan.id == 0", flow({ vlan: 0x1000 }))).toBe(true);
    expect(takes("tunnel || tunnel.type || tunnel.id >= 0", flow({ tunnel: 0 }))).toBe(false);
    expect(takes("tunnel && tunnel.type == ipip && ipip && !gre && !geneve && !vxlan", flow({ tunnel: 4 }))).toBe(true);
    expect(takes("tcp.flags || tcp.flags.syn || tcp.port", flow({ ipProto: 17 }))).toBe(false);
    expect(takes("udp.port == 443 && port == 443", flow({ ipProto: 17 }))).toBe(true);
    expect(takes("sctp.srcport == 40000 && sctp && port", flow({ ipProto: 132 }))).toBe(true);
    expect(takes("icmp.type == 156 && icmp.code == 64 && !port", flow({ ipProto: 1 }))).toBe(true);
  });
});

describe("an ICMPv6 packet is taken by", () => {
  it.each([
    "ipv6 && !ip && icmpv6 && icmpv6.type == 128 && icmpv6.code == 0 && ip.proto == icmpv6",
    "ipv6.addr == 2001:db8::/32 && ip.src == 2001:db8::1 && ipv6.dst != 2001:db8::1 && ipv6.src < 2001:db8::2",
    "frame.len == 118 && frame.len > 100 && verdict == drop && direction == in && interface == eth0",
    "!malformed && !vlan && !tunnel && !port && host.name == web-1",
  ])("%s", (text) => {
    expect(takesPacket(text)).toBe(true);
  });

  it("what its flags and its tunnel say", () => {
    const tagged = { ...echo, u8: { ...echo.u8, flags: RecordFlag.vlan, parseErr: 34 }, u16: { vlanTci: 0xe005 } };
    expect(takesPacket("vlan.id == 5 && malformed && malformed == inner_short_vlan && malformed != bad_ihl", tagged)).toBe(true);
    const tunnelled = { ...echo, u8: { ...echo.u8, flags: RecordFlag.tunnel }, tunnel: `${"00".repeat(44)}02000000` };
    expect(takesPacket("tunnel && geneve && tunnel.type == geneve && tunnel.type != vxlan", tunnelled)).toBe(true);
  });

  it("nothing about addresses when it is ARP", () => {
    const arp = { ...echo, u8: { direction: 1 }, be16: { ethProtoBe: 0x0806, sportBe: 1 } };
    expect(takesPacket("ip || ipv6 || ip.addr || ip.addr == ::/0 || ip.addr != ::1 || ip.proto >= 0 || ip.version", arp)).toBe(false);
    expect(takesPacket("direction == in", arp)).toBe(true);
  });
});

it("a field that a kind of row lacks takes none of them, and can be asked for", () => {
  const query = queryOf("flow.bytes > 1 || vlan.inner == 1 || tcp");
  expect(fieldsOf(query)).toEqual(new Set(["flow.bytes", "vlan.inner", "tcp"]));
  expect(fieldsWithout(query, "packets")).toEqual(["flow.bytes", "vlan.inner"]);
  expect(fieldsWithout(query, "flows")).toEqual([]);
  expect(takesPacket("flow.bytes >= 0 || vlan.inner || flow.end_reason")).toBe(false);
  expect(takes("frame.len >= 0 || malformed")).toBe(false);
  for (const name of fieldNames) expect(fieldOf(name).kinds).not.toEqual([]);
});

it("two queries are joined flat; an empty one changes nothing", () => {
  const [a, b, both] = [queryOf("tcp && ip"), queryOf("vlan || tunnel"), queryOf("tcp && ip && (vlan || tunnel)")];
  expect(and(a, b)).toEqual(both);
  expect(and(queryOf(""), b)).toBe(b);
  expect(and(a, queryOf(" "))).toBe(a);
  expect(isEmpty(and(queryOf(""), queryOf("")))).toBe(true);
  expect(isEmpty(a)).toBe(false);
});

it("the same predicate follows the host of its rows", () => {
  const predicate = predicateOf(queryOf("host.label.env == prod"), "flows");
  const row = { view: flow(), at: 0, host, writtenNs: 0 };
  const other: HostFacts = { ...host, labels: { env: "test" } };
  const answers = [host, other, host, { ...host, labels: {} }].map((of) => {
    row.host = of;
    return [predicate(row), predicate(row)];
  });
  expect(answers).toEqual([true, false, true, false].map((answer) => [answer, answer]));
});
