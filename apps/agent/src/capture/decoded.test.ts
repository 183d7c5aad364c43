import {
  type ParseError,
  RECORD_HEADER_BYTES,
  RecordFlag,
  TUNNEL_BYTES,
  parseErrors,
  recordAt,
  tunnelAt,
  tunnelTypes,
} from "@sonde/protocol";
import { describe, expect, it } from "vitest";
import { decodePacket } from "./decoded.ts";

const tcp = Buffer.from("cafe01bb00000001000000025012ffff00000000", "hex");
const packet = (headers: number) => ({
  number: 7,
  linkType: 1,
  seconds: 0,
  nanoseconds: 0,
  wireLen: 90,
  bytes: new Uint8Array([...new Uint8Array(headers), ...tcp]),
});

function bytesOf(length: number, fill: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(length);
  fill(new DataView(bytes.buffer));
  return bytes;
}
const record = (fill: (view: DataView) => void) => ({ record: bytesOf(RECORD_HEADER_BYTES, fill), tunnel: null });
const address = (view: DataView, at: number, text: string): void =>
  Buffer.from(text, "hex").forEach((byte, i) => view.setUint8(at + i, byte));

describe("decodePacket", () => {
  it("names what a tagged TCP segment over IPv6 has, its numbers from the packet", () => {
    const view = record((r) => {
      r.setUint16(recordAt.ethProtoBe, 0x86dd);
      r.setUint8(recordAt.flags, RecordFlag.vlan | RecordFlag.vlanInner);
      r.setUint16(recordAt.vlanTci, 0xe064, true);
      r.setUint16(recordAt.vlanInnerTci, 0x0002, true);
      r.setUint16(recordAt.l3Off, 22, true);
      r.setUint16(recordAt.l4Off, 62, true);
      r.setUint8(recordAt.ipProto, 6);
      r.setUint16(recordAt.sportBe, 0xcafe);
      r.setUint16(recordAt.dportBe, 443);
      r.setUint8(recordAt.tcpFlags, 0x12);
      address(r, recordAt.saddr, "20010db8000000000000000000000001");
      address(r, recordAt.daddr, "00000000000000000000ffffc0000201");
    });
    expect(decodePacket(packet(62), view)).toEqual({
      packet: 7,
      "frame.length": 90,
      "frame.captured": 82,
      vlan: 100,
      "vlan.inner": 2,
      "network.type": "ipv6",
      "source.address": "2001:db8::1",
      "destination.address": "::ffff:192.0.2.1",
      "ip.fragment": false,
      "network.transport": "tcp",
      "source.port": 0xcafe,
      "destination.port": 443,
      "tcp.flags": 0x12,
      "tcp.seq": 1,
      "tcp.ack": 2,
      "tcp.window": 0xffff,
    });
  });

  it("leaves out what a malformed packet was not read for", () => {
    const cut = record((r) => {
      r.setUint16(recordAt.ethProtoBe, 0x0800);
      r.setUint8(recordAt.parseErr, parseErrors.indexOf("bad_ihl"));
    });
    expect(decodePacket(packet(0), cut)).toEqual({
      packet: 7,
      "frame.length": 90,
      "frame.captured": 20,
      "network.type": "ipv4",
      malformed: "bad_ihl",
    });
    const short = record((r) => {
      r.setUint16(recordAt.ethProtoBe, 0x0800);
      r.setUint8(recordAt.ipProto, 6);
      r.setUint8(recordAt.flags, RecordFlag.fragment);
      address(r, recordAt.saddr, "c0000201");
      address(r, recordAt.daddr, "c6336402");
      r.setUint8(recordAt.parseErr, parseErrors.indexOf("short_tcp"));
    });
    expect(decodePacket(packet(0), short)).toMatchObject({
      "source.address": "192.0.2.1",
      "ip.fragment": true,
      "network.transport": "tcp",
      malformed: "short_tcp",
    });
    expect(decodePacket(packet(0), short)).not.toHaveProperty("source.port");
  });

  it("gives ICMP its type and code, and frames of other kinds no more than their lengths", () => {
    const icmp = record((r) => {
      r.setUint16(recordAt.ethProtoBe, 0x0800);
      r.setUint8(recordAt.ipProto, 1);
      r.setUint16(recordAt.l4Off, 34, true);
      r.setUint16(recordAt.sportBe, 0x0301);
    });
    expect(decodePacket(packet(34), icmp)).toMatchObject({ "network.transport": "icmp", "icmp.type": 3, "icmp.code": 1 });
    expect(
      decodePacket(
        packet(0),
        record((r) => r.setUint16(recordAt.ethProtoBe, 0x88cc)),
      ),
    ).toEqual({ packet: 7, "frame.length": 90, "frame.captured": 20 });
  });

  describe("of a tunnel", () => {
    /** 14 bytes outer Ethernet, 20 IPv4, 8 UDP, 8 VXLAN, 14 Ethernet and a tag, IPv4, TCP with MSS 1460. */
    const inner = Buffer.from("450000300000000040060000c0000201c6336402", "hex");
    const segment = Buffer.from("cafe01bb00000001000000026012ffff00000000020405b4", "hex");
    const bytes = new Uint8Array([...new Uint8Array(62), 0x81, 0, 0x60, 0x05, 8, 0, ...inner, ...segment]);
    const L3 = 68;
    const seen = (error: ParseError, fill: (view: DataView) => void = () => undefined) => ({
      record: bytesOf(RECORD_HEADER_BYTES, (r) => {
        r.setUint16(recordAt.ethProtoBe, 0x0800);
        r.setUint8(recordAt.flags, RecordFlag.tunnel);
        r.setUint8(recordAt.parseErr, parseErrors.indexOf(error));
      }),
      tunnel: bytesOf(TUNNEL_BYTES, (t) => {
        t.setUint8(tunnelAt.type, tunnelTypes.indexOf("vxlan"));
        t.setUint32(tunnelAt.id, 42, true);
        t.setUint16(tunnelAt.ethProtoBe, 0x0800);
        t.setUint16(tunnelAt.l3Off, L3, true);
        t.setUint8(tunnelAt.flags, RecordFlag.vlan);
        t.setUint8(tunnelAt.ipProto, 6);
        t.setUint8(tunnelAt.tcpFlags, 0x12);
        t.setUint16(tunnelAt.sportBe, 0xcafe);
        t.setUint16(tunnelAt.dportBe, 443);
        address(t, tunnelAt.saddr, "c0000201");
        address(t, tunnelAt.daddr, "c6336402");
        fill(t);
      }),
    });
    const decode = (tested: ReturnType<typeof seen>, captured = bytes.length) =>
      decodePacket({ ...packet(0), bytes: bytes.slice(0, captured) }, tested).tunnel;

    it("shows the packet inside like one by itself", () => {
      expect(decode(seen("ok"))).toEqual({
        type: "vxlan",
        id: 42,
        vlan: 5,
        "network.type": "ipv4",
        "source.address": "192.0.2.1",
        "destination.address": "198.51.100.2",
        "ip.fragment": false,
        "network.transport": "tcp",
        "source.port": 0xcafe,
        "destination.port": 443,
        "tcp.flags": 0x12,
        "tcp.seq": 1,
        "tcp.ack": 2,
        "tcp.window": 0xffff,
        "tcp.options.mss": 1460,
      });
    });
    it("keeps to the trailer where the capture ends", () => {
      const cut = decode(seen("ok"), 62);
      expect(cut).toMatchObject({ "source.port": 0xcafe, "tcp.flags": 0x12 });
      expect(cut).not.toHaveProperty("tcp.seq");
      expect(cut).not.toHaveProperty("vlan");
    });
    it("leaves out what a malformed packet inside was not read for", () => {
      expect(decode(seen("inner_short_tcp"))).not.toHaveProperty("source.port");
      expect(decode(seen("inner_bad_doff"))).toHaveProperty("source.port");
      expect(decode(seen("inner_bad_ihl"))).toEqual({ type: "vxlan", id: 42, vlan: 5, "network.type": "ipv4" });
      expect(decode(seen("short_geneve", (t) => new Uint8Array(t.buffer).fill(0, 0, tunnelAt.id)))).toEqual({ type: "vxlan", id: 42 });
    });
    it("gives no id where the tunnel has none, and no ports to later fragments", () => {
      const later = seen("ok", (t) => {
        t.setUint8(tunnelAt.type, tunnelTypes.indexOf("ipip"));
        t.setUint8(tunnelAt.flags, RecordFlag.fragment | RecordFlag.laterFragment);
      });
      expect(decode(later)).toEqual({
        type: "ipip",
        "network.type": "ipv4",
        "source.address": "192.0.2.1",
        "destination.address": "198.51.100.2",
        "ip.fragment": true,
        "network.transport": "tcp",
      });
    });
  });
});
