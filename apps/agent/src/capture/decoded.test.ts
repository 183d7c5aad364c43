import { RECORD_HEADER_BYTES, RecordFlag, parseErrors, recordAt } from "@sonde/protocol";
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

function record(fill: (view: DataView) => void): DataView {
  const view = new DataView(new ArrayBuffer(RECORD_HEADER_BYTES));
  fill(view);
  return view;
}
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
});
