import fc from "fast-check";
import { describe, expect, test } from "vitest";
import vector from "../../../../packages/protocol/vectors/records.json" with { type: "json" };
import { BATCH_HEADER_BYTES, recordAt, viewOf } from "@sonde/protocol";
import type { Node } from "./dissect/tree.ts";
import { recordLayers } from "./recordLayers.ts";
import * as rec from "./record.ts";
import { lineOf, summarise } from "./summary.ts";
import { recordOf } from "./testRecords.ts";

const eth = "525400123401525400abcd02";
const v4 = (proto: string, total: string) => `4500${total}0000400040${proto}0000c0000201c6336402`;
const four = { saddr: "c0000201", daddr: "c6336402" };
const six = { saddr: "fe800000000000000000000000000001", daddr: "ff0200000000000000000001ff000002" };

describe("packets in words", () => {
  test("TCP with flags, numbers and payload length", () => {
    const r = recordOf({
      bytes: `${eth}0800${v4("06", "0028")}01bbc93a00000001000000025012ffff00000000`,
      ...four,
      be16: { ethProtoBe: 0x0800, sportBe: 443, dportBe: 51514 },
      u16: { l3Off: 14, l4Off: 34 },
      u8: { ipProto: 6, tcpFlags: 0x12 },
    });
    expect(lineOf(summarise(r))).toBe("TCP 192.0.2.1:443 → 198.51.100.2:51514 [SYN, ACK] seq 1 ack 2 win 65535 len 0");
  });

  test("ICMPv6 neighbour solicitation", () => {
    const r = recordOf({
      ...six,
      be16: { ethProtoBe: 0x86dd, sportBe: 135 << 8 },
      u16: { l3Off: 14, l4Off: 54 },
      u8: { ipProto: 58, proto: 6 },
    });
    expect(lineOf(summarise(r))).toBe("ICMPv6 fe80::1 → ff02::1:ff00:2 neighbour solicitation");
  });

  test("ARP question and answer", () => {
    const spec = { ...four, be16: { ethProtoBe: 0x0806, sportBe: 1 }, u16: { l3Off: 14 }, u8: { proto: 8 } };
    expect(summarise(recordOf(spec)).info).toBe("who-has 198.51.100.2 tell 192.0.2.1");
    const bytes = `${eth}08060001080006040002525400abcd02c0000201525400123401c6336402`;
    expect(summarise(recordOf({ ...spec, bytes, be16: { ethProtoBe: 0x0806, sportBe: 2 } })).info).toBe(
      "192.0.2.1 is-at 52:54:00:ab:cd:02",
    );
  });

  test("UDP in a VLAN whose tag the kernel keeps beside the frame", () => {
    const r = recordOf({
      bytes: `${eth}0800${v4("11", "0021")}c3500035000d0000`,
      wireLen: 60,
      ...four,
      be16: { ethProtoBe: 0x0800, sportBe: 50000, dportBe: 53 },
      u16: { l3Off: 14, l4Off: 34, vlanTci: 0x6064 },
      u8: { ipProto: 17, proto: 1, flags: 0x05 },
    });
    expect(lineOf(summarise(r))).toBe("UDP 192.0.2.1:50000 → 198.51.100.2:53 vlan 100 len 5");
    expect(recordLayers(r, { interfaceName: "eth0", time: "now" }).map(({ field }) => field.name)).toEqual([
      ...["frame", "vlan", "eth", "ip", "udp", "dns"],
    ]);
  });

  test("a malformed packet says so and falls back to its MAC addresses", () => {
    const r = recordOf({ bytes: `${eth}080045`, be16: { ethProtoBe: 0x0800 }, u16: { l3Off: 14 }, u8: { parseErr: 4, proto: 3 } });
    expect(lineOf(summarise(r))).toContain("52:54:00:ab:cd:02 → 52:54:00:12:34:01 malformed: short ipv4");
  });

  test("a frame that is not IP is named by its EtherType", () => {
    const r = recordOf({ bytes: `${eth}88cc0207`, be16: { ethProtoBe: 0x88cc }, u8: { proto: 9 } });
    expect(summarise(r)).toMatchObject({ protocol: "LLDP", group: "other", source: "52:54:00:ab:cd:02" });
  });

  test("a tunnel with what it carries", () => {
    const zeros = "00".repeat(12);
    const ends = (sport: string, dport: string) => `0a000001${zeros}0a000002${zeros}${sport}${dport}`;
    const row = (tunnel: string) =>
      summarise(
        recordOf({
          ...four,
          be16: { ethProtoBe: 0x0800, dportBe: 4789 },
          u16: { l4Off: 34 },
          u8: { ipProto: 17, proto: 1, flags: 0x40 },
          tunnel,
        }),
      );
    const vxlan = row(`${ends("c35001bb", "")}080040002a0000000106${"0200"}`);
    expect(vxlan).toMatchObject({ tunnel: "VXLAN 42", info: "TCP 10.0.0.1:50000 → 10.0.0.2:443 [SYN]" });
    expect(lineOf(vxlan)).toBe("UDP 192.0.2.1:0 → 198.51.100.2:4789 VXLAN 42 · TCP 10.0.0.1:50000 → 10.0.0.2:443 [SYN]");
    expect(row(`${ends("08000001", "")}080022000000000004010000`)).toMatchObject({
      tunnel: "IP in IP",
      info: "ICMP 10.0.0.1 → 10.0.0.2 echo request",
    });
    expect(row(`${"00".repeat(36)}080600000700000002000000`)).toMatchObject({ tunnel: "Geneve 7", info: "ARP" });
    expect(row(`${ends("00000000", "")}080022000000000003110018`)).toMatchObject({
      tunnel: "GRE",
      info: "UDP 10.0.0.1 → 10.0.0.2 fragment",
    });
  });

  test("the layers of what a tunnel carries", () => {
    const inside = `${eth}0800${v4("06", "0028")}01bbc93a00000001000000025012ffff00000000`;
    const names = (proto: string, payload: string) => {
      const r = recordOf({ bytes: `${eth}0800${v4(proto, "0000")}${payload}${inside}`, ...four, be16: { ethProtoBe: 0x0800 } });
      return recordLayers(r, { interfaceName: "eth0", time: "now" }).map(
        ({ field, summary }) => `${field.label}${summary.startsWith("VNI") ? ` ${summary}` : ""}`,
      );
    };
    const carried = ["Ethernet", "IPv4", "TCP"];
    const outer = ["Frame", "Ethernet", "IPv4"];
    expect(names("11", "c35012b5000000000800000000002a00")).toEqual([...outer, "UDP", "VXLAN VNI 42", ...carried]);
    expect(names("11", "c35017c1000000000140655800002a000102030405060708".slice(0, 40))).toEqual([
      ...outer,
      "UDP",
      "Geneve VNI 42",
      ...carried,
    ]);
    expect(names("2f", "200065580000002a")).toEqual([...outer, "GRE", ...carried]);
    expect(names("2f", "00010800")).toEqual([...outer, "GRE", "IPv4"]);
  });

  test("the golden vector's records", () => {
    const view = viewOf(Uint8Array.from(Buffer.from(vector.hex, "hex")));
    const first = { view, at: BATCH_HEADER_BYTES };
    const second = { view, at: BATCH_HEADER_BYTES + rec.recLen(first) };
    expect(lineOf(summarise(first))).toBe(
      "TCP 192.0.2.1:51966 → 198.51.100.2:443 vlan 100 [SYN] seq 1 win 65535 len 0".replace("51966", String(0xcafe)),
    );
    expect(summarise(second)).toMatchObject({ protocol: "ICMPv6", source: "2001:db8::1", destination: "2001:db8::2" });
  });
});

test("no bytes a peer chose make reading throw or point outside of what was captured", () => {
  const header = fc.uint8Array({ minLength: 96 - 16, maxLength: 96 - 16 });
  const udpTo = (port: string) => `${eth}0800${v4("11", "0000")}c350${port}00000000`;
  const start = fc.constantFrom("", udpTo("12b5"), `${udpTo("12b5")}08`, udpTo("17c1"), `${eth}0800${v4("2f", "0000")}`);
  const noisy = fc.uint8Array({ maxLength: 200 }).map((body) => Buffer.from(body).toString("hex"));
  const bytes = fc.tuple(start, noisy).map((parts) => parts.join(""));
  const type = fc.constantFrom(0x0800, 0x86dd, 0x0806, 0x8100, 0x88a8, 0x0040, 0x6558);
  fc.assert(
    fc.property(header, bytes, type, (noise, hex, ether) => {
      const r = recordOf({ bytes: hex });
      new Uint8Array(r.view.buffer).set(noise, 16); // everything behind lengths and time, the tunnel's flag with it
      r.view.setUint16(recordAt.ethProtoBe, ether);
      lineOf(summarise(r));
      const length = rec.captured(r).byteLength;
      const outside: string[] = [];
      const check = ({ field, at, length: taken, children }: Node): void => {
        if (at < 0 || taken < 0 || at + taken > length) outside.push(`${field.name} ${at}+${taken} of ${length}`);
        children.forEach(check);
      };
      recordLayers(r, { interfaceName: "x", time: "" }).forEach(check);
      expect(outside).toEqual([]);
    }),
    { numRuns: 3000 },
  );
});
