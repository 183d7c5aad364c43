import { expect, test } from "vitest";
import { dissect, fieldDefs } from "./index.ts";
import type { Node } from "./tree.ts";

const frame = (hex: string): Uint8Array =>
  Uint8Array.from(hex.replaceAll(/\s/g, "").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/** Ethernet, IPv4 of 31 bytes, UDP with "abc", and padding. */
const udpFrame = frame(`
  020000000002 020000000001 0800
  4500 001f 1234 4000 40 11 0000 0a000001 0a000002
  1388 1389 000b 0000 616263
  ${"00".repeat(15)}`);

const all = (nodes: readonly Node[]): Node[] => nodes.flatMap((node) => [node, ...all(node.children)]);
const valuesOf = (nodes: readonly Node[], name: string) => all(nodes).flatMap((node) => (node.field.name === name ? [node.value] : []));

test("a packet becomes layers, each field with its bytes", () => {
  const { layers, ...line } = dissect({ bytes: udpFrame, wireLen: udpFrame.length, linkType: 1, facts: null });
  expect(layers.map(({ field, at, length, problem }) => [field.name, at, length, problem])).toEqual([
    ["eth", 0, 14, null],
    ["ip", 14, 20, null],
    ["udp", 34, 8, null],
    ["data", 42, 3, null],
  ]);
  expect(line).toEqual({ protocol: "UDP", source: "10.0.0.1", destination: "10.0.0.2", info: "5000 → 5001 Len=3" });
  expect(valuesOf(layers, "ip.flags.df")).toEqual([1]);
  expect(valuesOf(layers, "eth.padding")).toEqual([new Uint8Array(15)]);
  expect(valuesOf(layers, "data.data")).toEqual([frame("616263")]);
  for (const { field } of all(layers)) expect(fieldDefs.get(field.name)).toBe(field);
});

test("what was not captured is cut, what contradicts itself malformed", () => {
  const problem = (bytes: Uint8Array, wireLen: number) => dissect({ bytes, wireLen, linkType: 1, facts: null }).layers.at(-1)?.problem;
  expect(problem(udpFrame.subarray(0, 30), 60)).toBe("cut");
  expect(problem(udpFrame.subarray(0, 30), 30)).toBe("malformed");
});

test("of a link type that nobody knows the bytes are left", () => {
  const { layers, protocol } = dissect({ bytes: frame("0102"), wireLen: 2, linkType: 147, facts: null });
  expect([protocol, ...layers.map(({ field }) => field.name)]).toEqual(["Unknown", "data"]);
});
