/** Fields of ours, held against tshark's of the same name. */
import { ipv4Text, ipv6Text } from "../../../apps/web/src/domain/address.ts";
import { fieldDefs } from "../../../apps/web/src/domain/dissect/index.ts";
import type { FieldDef, FieldValue } from "../../../apps/web/src/domain/dissect/fields.ts";
import type { Node } from "../../../apps/web/src/domain/dissect/tree.ts";
import type { Theirs } from "./pdml.ts";

/** The example is the first difference, or else the first that we do not decode. */
export type Count = { agree: number; differ: number; missing: number; example: string };
export type Counts = Map<string, Count>;

/** Tells each field of one packet into `counts`. */
export function compare(counts: Counts, from: string, layers: readonly Node[], theirs: readonly Theirs[]): void {
  const ours = new Map<string, Node[]>();
  collect(layers, ours);
  const others = new Map<string, string[]>();
  for (const { name, show } of theirs) push(others, name, show);
  for (const [name, nodes] of ours) {
    if (nodes[0]?.field.ours === true) continue;
    const shows = others.get(name) ?? [];
    const count = countOf(counts, name);
    nodes.forEach(({ field, value }, i) => {
      const show = shows[i];
      if (show !== undefined && same(field, value, show)) count.agree++;
      else {
        if (count.differ++ === 0) count.example = `${from}: ${text(field, value)}, tshark ${show ?? "has none"}`;
      }
    });
    if (shows.length > nodes.length && nodes[0]?.field.type !== "none") missing(count, shows.length - nodes.length, from);
  }
  const layersOfOurs = new Set([...ours.keys()].filter((name) => fieldDefs.get(name)?.type === "none"));
  for (const [name, shows] of others) if (!ours.has(name) && known(name, layersOfOurs)) missing(countOf(counts, name), shows.length, from);
}

/** Of a protocol that we took apart in this packet, and no second name of a field of ours. */
function known(name: string, layers: ReadonlySet<string>): boolean {
  if (aliases.has(name)) return false;
  for (let dot = name.lastIndexOf("."); dot > 0; dot = name.lastIndexOf(".", dot - 1)) if (layers.has(name.slice(0, dot))) return true;
  return false;
}

const aliases = new Set([...fieldDefs.values()].flatMap(({ also }) => also ?? []));

function missing(count: Count, times: number, from: string): void {
  count.missing += times;
  count.example ||= `${from}: tshark alone`;
}

function countOf(counts: Counts, name: string): Count {
  const count = counts.get(name) ?? { agree: 0, differ: 0, missing: 0, example: "" };
  counts.set(name, count);
  return count;
}

function collect(nodes: readonly Node[], into: Map<string, Node[]>): void {
  for (const node of nodes) {
    push(into, node.field.name, node);
    collect(node.children, into);
  }
}

function push<T>(into: Map<string, T[]>, name: string, value: T): void {
  const list = into.get(name);
  if (list) list.push(value);
  else into.set(name, [value]);
}

function same(field: FieldDef, value: FieldValue, show: string): boolean {
  switch (field.type) {
    case "none":
      return true;
    case "uint":
    case "bool":
      return /^-?(0x)?[0-9a-f]+$/i.test(show) && BigInt(Number(value) < 0 ? Number(value) : (value as bigint)) === big(show);
    case "bytes":
      return text(field, value) === show.replaceAll(":", "");
    case "time":
      return value === nanoseconds(show);
    case "ether":
    case "ipv4":
    case "ipv6":
    case "text":
      return text(field, value) === show;
  }
}

const big = (show: string): bigint => (show.startsWith("-") ? -BigInt(show.slice(1)) : BigInt(show));

function text({ type }: FieldDef, value: FieldValue): string {
  if (!(value instanceof Uint8Array)) return String(value);
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  if (type === "ipv4" && value.length === 4) return ipv4Text(view, 0);
  if (type === "ipv6" && value.length === 16) return ipv6Text(view, 0);
  return Buffer.from(value)
    .toString("hex")
    .replaceAll(/(..)(?=.)/g, type === "ether" ? "$1:" : "$1");
}

/** "Nov  2, 2026 12:00:00.123456789 UTC", or seconds. */
function nanoseconds(show: string): bigint | null {
  const seconds = /^(-?)(\d+)\.(\d{9})/.exec(show);
  if (seconds) return BigInt(`${seconds[1]}${seconds[2]}${seconds[3]}`);
  const [, day, fraction = "0"] = /^(\w{3} +\d+, \d+ [\d:]+)\.?(\d*) UTC$/.exec(show) ?? [];
  if (day === undefined) return null;
  const ms = Date.parse(`${day} UTC`);
  return Number.isNaN(ms) ? null : BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}
