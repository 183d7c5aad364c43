import { expect, test } from "vitest";
import { dissect } from "./index.ts";
import type { Node } from "./tree.ts";

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.replaceAll(/\s/g, "").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const valueOf = (nodes: readonly Node[], name: string): unknown =>
  nodes.map((node) => (node.field.name === name ? node.value : valueOf(node.children, name))).find((value) => value !== undefined);
const bare = (hex: string, wireLen?: number) => {
  const bytes = bytesOf(hex);
  return dissect({ bytes, wireLen: wireLen ?? bytes.length, linkType: 101, facts: null });
};

/** Port unreachable from 192.0.2.9, quoting a datagram of 10.0.0.1. */
const unreachable = `4500 0038 0000 0000 40 01 0000 c0000209 0a000001
  0303 31dd 00000000
  4500 0020 0000 0000 40 11 0000 0a000001 0a000002 c350 829a 000c 0000`;

test("what an ICMP error quotes is taken apart, and says nothing of the packet itself", () => {
  const { layers, ...line } = bare(unreachable);
  expect(layers.map(({ field }) => field.name)).toEqual(["ip", "icmp", "ip", "udp"]);
  expect(line).toMatchObject({ protocol: "ICMP", source: "192.0.2.9", destination: "10.0.0.1" });
});

test("a checksum is judged where all that it covers is there", () => {
  const message = "0303 31dd 00000000 4500 0020 0000 0000 40 11 0000 0a000001 0a000002 c350 829a 000c 0000";
  const sum = bytesOf(message).reduce((total, byte, i) => total + (i === 2 || i === 3 ? 0 : i % 2 === 0 ? byte << 8 : byte), 0);
  const right = (~((sum & 0xffff) + (sum >>> 16)) & 0xffff).toString(16).padStart(4, "0");
  const status = (hex: string, wireLen?: number) => valueOf(bare(hex, wireLen).layers, "icmp.checksum.status");
  expect(status(unreachable.replace("31dd", right))).toBe(1);
  expect(status(unreachable.replace("31dd", "0bad"))).toBe(0);
  expect(status(unreachable.replace("0038", "0048"), 72)).toBe(2);
});

test("a fragment behind the first is data, and of the first no segment's length is told", () => {
  const tcp = "c350 0050 00000001 00000000 50 02 ffff 0000 0000";
  expect(bare(`4500 0028 0001 0002 40 06 0000 0a000001 0a000002 ${tcp}`).layers.map(({ field }) => field.name)).toEqual(["ip", "data"]);
  const first = bare(`4500 0028 0001 2000 40 06 0000 0a000001 0a000002 ${tcp}`).layers;
  expect([valueOf(first, "tcp.srcport"), valueOf(first, "tcp.len")]).toEqual([50_000, undefined]);
});
