import { recordAt, RECORD_HEADER_BYTES, RecordFlag, TUNNEL_BYTES, parseErrors, tunnelAt, tunnelTypes } from "@sonde/protocol";
import { describe, expect, it } from "vitest";
import { liveLine } from "./live-line.ts";

type Fields = Partial<Record<"direction" | "ipProto" | "tcpFlags" | "flags" | "parseErr", number>> & {
  readonly ethProto: number;
  readonly source?: readonly number[];
  readonly destination?: readonly number[];
  readonly ports?: readonly [number, number];
  readonly l3?: number;
  readonly l4?: number;
  readonly wireLen?: number;
  readonly vlan?: number;
  readonly bytes?: Uint8Array;
  readonly tunnel?: Uint8Array;
};

function line(fields: Fields): string {
  const bytes = fields.bytes ?? new Uint8Array();
  const trailer = fields.tunnel ?? new Uint8Array();
  const raw = new Uint8Array(RECORD_HEADER_BYTES + bytes.length + trailer.length);
  raw.set(trailer, RECORD_HEADER_BYTES + bytes.length);
  raw.set(bytes, RECORD_HEADER_BYTES);
  raw.set(fields.source ?? [], recordAt.saddr);
  raw.set(fields.destination ?? [], recordAt.daddr);
  const view = new DataView(raw.buffer);
  view.setUint16(recordAt.capLen, bytes.length, true);
  view.setUint32(recordAt.wireLen, fields.wireLen ?? bytes.length, true);
  view.setBigUint64(recordAt.tsNs, 5_000_007_000n, true);
  view.setUint32(recordAt.ifindex, 3, true);
  view.setUint16(recordAt.ethProtoBe, fields.ethProto);
  view.setUint16(recordAt.vlanTci, fields.vlan ?? 0, true);
  view.setUint16(recordAt.sportBe, fields.ports?.[0] ?? 0);
  view.setUint16(recordAt.dportBe, fields.ports?.[1] ?? 0);
  view.setUint16(recordAt.l3Off, fields.l3 ?? 0, true);
  view.setUint16(recordAt.l4Off, fields.l4 ?? 0, true);
  for (const name of ["direction", "ipProto", "tcpFlags", "flags", "parseErr"] as const) view.setUint8(recordAt[name], fields[name] ?? 0);
  const wallOf = (bootNs: bigint) => ({ ms: new Date(2026, 0, 1, 12, 34, 56, 789).getTime(), micros: Number(bootNs / 1000n) % 1000 });
  return liveLine(view, { interfaceName: (ifindex) => `eth${ifindex}`, wallOf });
}

/** Ethernet, IPv4 without options, TCP or UDP header, from the fields a line shows. */
function captured(total: number, l4: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(34 + l4.length);
  bytes.set([0x45, 0, total >> 8, total & 255], 14);
  bytes.set(l4, 34);
  return bytes;
}

const ends = { ethProto: 0x0800, direction: 1, source: [192, 0, 2, 1], destination: [198, 51, 100, 2], l3: 14 } as const;

describe("liveLine", () => {
  it("TCP with its numbers", () => {
    const header = [0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 5, 0x50, 0x18, 1, 0, 0, 0, 0, 0];
    const packet = { ...ends, ipProto: 6, l4: 34, ports: [51966, 443] as const, tcpFlags: 0x18 };
    expect(line({ ...packet, bytes: captured(50, header), wireLen: 64 })).toBe(
      "12:34:56.789007 eth3 In  IP 192.0.2.1.51966 > 198.51.100.2.443: Flags [P.], seq 9:19, ack 5, win 256, length 10",
    );
    expect(line({ ...packet, tcpFlags: 2, bytes: captured(50, []), wireLen: 64 })).toMatch(/: Flags \[S\], frame length 64$/);
  });
  it("UDP over IPv6, outgoing, tagged", () => {
    const source = [0x20, 1, 0xd, 0xb8, ...Array.from({ length: 11 }, () => 0), 1];
    const text = line({
      ethProto: 0x86dd,
      direction: 2,
      source,
      destination: source,
      ipProto: 17,
      ports: [53, 54],
      l4: 54,
      vlan: 0x2005,
      flags: RecordFlag.vlan,
      bytes: Uint8Array.from({ length: 62 }, (_, i) => (i === 59 ? 20 : 0)),
    });
    expect(text).toBe("12:34:56.789007 eth3 Out vlan 5, IP6 2001:db8::1.53 > 2001:db8::1.54: UDP, length 12");
  });
  it("ARP, ICMP, fragments, other protocols and what is malformed", () => {
    const tail = (fields: Partial<Fields>): string => line({ ...ends, ...fields, wireLen: 60 }).slice("12:34:56.789007 eth3 In  ".length);
    expect(tail({ ethProto: 0x0806, ports: [1, 0] })).toBe("ARP, Request who-has 198.51.100.2 tell 192.0.2.1");
    expect(tail({ ipProto: 1, ports: [0x0301, 0], l4: 34 })).toBe("IP 192.0.2.1 > 198.51.100.2: ICMP, type 3, code 1, frame length 60");
    expect(tail({ ipProto: 17, flags: RecordFlag.fragment })).toBe("IP 192.0.2.1 > 198.51.100.2: fragment, protocol 17, frame length 60");
    expect(tail({ ethProto: 0x88cc })).toBe("ethertype 0x88cc, frame length 60");
    expect(tail({ parseErr: 4 })).toBe("frame length 60 [malformed: short ipv4]");
  });

  it("tunnels with what they carry", () => {
    const trailer = (type: (typeof tunnelTypes)[number], id: number, l3: number): Uint8Array => {
      const view = new DataView(new ArrayBuffer(TUNNEL_BYTES));
      view.setUint8(tunnelAt.type, tunnelTypes.indexOf(type));
      view.setUint32(tunnelAt.id, id, true);
      view.setUint16(tunnelAt.ethProtoBe, 0x0800);
      view.setUint16(tunnelAt.l3Off, l3, true);
      view.setUint8(tunnelAt.ipProto, 17);
      view.setUint16(tunnelAt.sportBe, 53);
      view.setUint16(tunnelAt.dportBe, 54);
      for (const at of [tunnelAt.saddr, tunnelAt.daddr]) view.setUint8(at, 10);
      return new Uint8Array(view.buffer);
    };
    const tail = (fields: Partial<Fields>): string =>
      line({ ...ends, flags: 0x40, wireLen: 90, ...fields }).slice("12:34:56.789007 eth3 In  ".length);
    const outer = { ipProto: 17, ports: [49_152, 4789] as const, l4: 34 };
    const inner = [0x45, ...Array.from({ length: 19 }, () => 0), 0, 53, 0, 54, 0, 20];
    const vxlan = Uint8Array.from([...new Uint8Array(42), 8, 0, 0, 0, 0, 0, 42, 0, ...new Uint8Array(14), ...inner, 0, 0]);
    const udp = "IP 192.0.2.1.49152 > 198.51.100.2";
    const carried = "IP 10.0.0.0.53 > 10.0.0.0.54: UDP,";
    expect(tail({ ...outer, bytes: vxlan, tunnel: trailer("vxlan", 42, 64) })).toBe(
      `${udp}.4789: VXLAN, flags [I] (0x08), vni 42: ${carried} length 12`,
    );
    expect(tail({ ...outer, tunnel: trailer("vxlan", 42, 64) })).toBe(`${udp}.4789: VXLAN, vni 42: ${carried} frame length 90`);
    const geneve = Uint8Array.from([...new Uint8Array(42), 2, 0x40]);
    expect(tail({ ...outer, ports: [49_152, 6081], bytes: geneve, tunnel: trailer("geneve", 42, 64) })).toBe(
      `${udp}.6081: Geneve, Flags [C], vni 0x2a, options [8 bytes]: ${carried} frame length 90`,
    );
    const short = parseErrors.indexOf("inner_short_udp");
    expect(tail({ ipProto: 47, tunnel: trailer("gre", 7, 38), parseErr: short })).toBe(
      "IP 192.0.2.1 > 198.51.100.2: GREv0, key=0x7: IP 10.0.0.0 > 10.0.0.0: protocol 17, frame length 90 [malformed: inner short udp]",
    );
    expect(tail({ ipProto: 4, tunnel: trailer("ipip", 0, 34) })).toBe(`IP 192.0.2.1 > 198.51.100.2: ${carried} frame length 90`);
  });
});
