import { describe, expect, test } from "vitest";
import { bool, bytesField, etherField, hex, ipv4Field, ipv6Field, protocol, textField, timeField, uint } from "../dissect/fields.ts";
import { type Node, nodeOf } from "../dissect/tree.ts";
import { captureOf, conversationCapture, conversationTerm, excluding, including, rangeIn, termOf, within } from "./expressions.ts";

const ip = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);
const node = (field: Node["field"], value: Node["value"], children: readonly Node[] = []): Node => {
  const made = nodeOf(field, value, 0, 1);
  made.children.push(...children);
  return made;
};
const source = node(ipv4Field("ip.src", "Source"), ip(10, 0, 0, 1));
const destination = node(ipv4Field("ip.dst", "Destination"), ip(10, 0, 0, 2));
const layers = [
  node(protocol("ip", "IPv4"), null, [source, destination]),
  node(protocol("tcp", "TCP"), null, [
    node(uint("tcp.srcport", "Source port"), 51_234),
    node(uint("tcp.dstport", "Destination port"), 443),
    node(bool("tcp.flags.syn", "Syn"), 1),
  ]),
];

describe("what a node says, as filters write it", () => {
  test.each([
    [protocol("dns", "DNS"), null, "dns", "port 53"],
    [ipv4Field("ip.src", "Source"), ip(192, 0, 2, 1), "ip.src == 192.0.2.1", "src host 192.0.2.1"],
    [ipv6Field("ipv6.dst", "Destination"), new Uint8Array(16), "ipv6.dst == ::", "dst host ::"],
    [etherField("eth.src", "Source"), ip(2, 0, 0, 0, 0, 1), "eth.src == 02:00:00:00:00:01", "ether src 02:00:00:00:00:01"],
    [uint("tcp.dstport", "Port"), 443, "tcp.dstport == 443", "tcp dst port 443"],
    [hex("eth.type", "Type", 16), 0x800, "eth.type == 2048", "ether proto 2048"],
    [bool("tcp.flags.syn", "Syn"), 1, "tcp.flags.syn == 1", "tcp[tcpflags] & tcp-syn != 0"],
    [bool("tcp.flags.syn", "Syn"), 0, "tcp.flags.syn == 0", "tcp[tcpflags] & tcp-syn == 0"],
    [textField("dns.qry.name", "Name"), 'a"b\\c', 'dns.qry.name == "a\\"b\\\\c"', null],
    [bytesField("tcp.payload", "Payload"), ip(0x16, 3, 1), "tcp.payload == 16:03:01", null],
    [timeField("ntp.xmt", "Transmit"), 1n, null, null],
  ])("%o %o", (field, value, term, capture) => {
    expect(termOf(node(field, value))).toBe(term);
    expect(captureOf(node(field, value))).toBe(capture);
  });

  test("a packet's two ends", () => {
    expect(conversationTerm(layers)).toBe("ip.addr == 10.0.0.1 && ip.addr == 10.0.0.2 && tcp.port == 51234 && tcp.port == 443");
    expect(conversationCapture(layers)).toBe("host 10.0.0.1 and host 10.0.0.2 and tcp port 51234 and tcp port 443");
    expect(conversationTerm([node(protocol("data", "Data"), null)])).toBeNull();
  });
});

describe("the filter with one more condition", () => {
  test("keeps what was said before", () => {
    expect(including("", "dns")).toBe("dns");
    expect(including("dns", "dns")).toBe("dns");
    expect(including("tcp", "ip.ttl == 64")).toBe("tcp && ip.ttl == 64");
    expect(including("dns || arp", "ip.ttl == 64")).toBe("(dns || arp) && ip.ttl == 64");
    expect(excluding("tcp", "dns")).toBe("tcp && !dns");
    expect(excluding("", "ip.ttl == 64")).toBe("!(ip.ttl == 64)");
  });

  test("a stretch of time takes the place of the one before", () => {
    const first = within("dns", [1, 2.5]);
    expect(first).toBe("dns && frame.time_relative >= 1.000000 && frame.time_relative <= 2.500000");
    expect(rangeIn(first)).toEqual([1, 2.5]);
    expect(within(first, [1.5, 2])).toBe("dns && frame.time_relative >= 1.500000 && frame.time_relative <= 2.000000");
    expect(within(first, null)).toBe("dns");
    expect(within(within("", [0, 1]), null)).toBe("");
    expect(within(`${within("", [0, 1])} && tcp`, null)).toBe("tcp");
    expect(rangeIn("dns")).toBeNull();
  });
});
