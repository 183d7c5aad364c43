import { expect, test } from "vitest";
import { protocol, uint } from "../../domain/dissect/fields.ts";
import { type Node, nodeOf } from "../../domain/dissect/tree.ts";
import { nodeAtByte } from "../../domain/packets/nodeText.ts";
import { placed, revealed, rowsInSight, toggled } from "./treeRows.ts";
import type { Unfolded } from "./treeRows.ts";

const node = (field: Node["field"], value: Node["value"], at: number, length: number, children: Node[] = []): Node => {
  const made = nodeOf(field, value, at, length);
  made.children.push(...children);
  return made;
};
const bit = node(uint("ip.flags.df", "Don't fragment"), 1, 20, 1);
const flags = node(uint("ip.flags", "Flags"), 2, 20, 2, [bit]);
const layers = [
  node(protocol("eth", "Ethernet"), null, 0, 14, [node(uint("eth.type", "Type"), 2048, 12, 2)]),
  node(protocol("ip", "IPv4"), null, 14, 20, [node(uint("ip.ttl", "TTL"), 64, 22, 1), flags]),
  node(protocol("ip", "IPv4"), null, 34, 20, [node(uint("ip.ttl", "TTL"), 63, 42, 1)]),
];
const labels = (unfolded: Unfolded): string[] =>
  rowsInSight(placed(layers), unfolded).map((row) => `${row.level} ${row.label} ${row.value}`.trim());

test("layers stand open but the link's; groups within them are folded", () => {
  expect(labels(new Map())).toEqual(["1 Ethernet", "1 IPv4", "2 TTL 64", "2 Flags 2", "1 IPv4", "2 TTL 63"]);
});

test("what was folded by hand stays so in every packet, each of equal layers by itself", () => {
  const all = placed(layers);
  const second = all.find((one) => one.id === "2");
  if (second === undefined) throw new Error("no second IP layer");
  const folded = toggled(second, new Map());
  expect(labels(folded)).toEqual(["1 Ethernet", "1 IPv4", "2 TTL 64", "2 Flags 2", "1 IPv4"]);
  expect(labels(toggled(second, folded))).toEqual(labels(new Map()));
});

test("a byte leads to the deepest field that was read from it, and all above it is unfolded", () => {
  const found = nodeAtByte(layers, 6);
  expect(found).toBe(layers[0]);
  expect(nodeAtByte([layers[1] ?? flags], 22)?.field.name).toBe("ip.ttl");
  expect(nodeAtByte(layers, 20)).toBe(bit);
  expect(nodeAtByte(layers, 900)).toBeNull();
  const all = placed(layers);
  const deep = all.find((one) => one.node === bit);
  if (deep === undefined) throw new Error("no bit");
  expect(labels(revealed(deep, all, new Map()))).toContain("3 Don't fragment 1");
});
