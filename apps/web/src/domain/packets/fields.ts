import { fieldDefs } from "../dissect/index.ts";
import type { FieldDef } from "../dissect/fields.ts";
import { parseBytes, unquoted, type FieldSet, type Read, type RowKind, type Term, type ValueField } from "../query/index.ts";
import { Regex } from "./regex/automaton.ts";
import { RegexError } from "./regex/parse.ts";

/** What the table itself knows of a packet. */
export type FrameColumn =
  | "number"
  | "length"
  | "captured"
  | "epoch"
  | "relative"
  | "delta"
  | "interfaceId"
  | "marked"
  | "direction"
  | "udpStream";
export type FrameText = "interface" | "comment" | "host" | "label";

/** Where a field's values come from: the table, or what dissectors found under any of these names. */
export type PacketSource =
  | { readonly type: "number"; readonly column: FrameColumn }
  | { readonly type: "text"; readonly column: FrameText; readonly key: string }
  /** There in every packet. */
  | { readonly type: "always" }
  | { readonly type: "malformed" }
  | { readonly type: "nodes"; readonly names: readonly string[] };
export type PacketField = ValueField & { readonly source: PacketSource };

/** Statements that only filters over packets know; the bytes are looked for in a field's value, or in a protocol's part of the packet. */
export type PacketMore =
  | { readonly type: "containsBytes"; readonly field: string; readonly bytes: Uint8Array }
  | { readonly type: "matches"; readonly field: string; readonly pattern: Regex };
export type PacketTerm = Term<string> | PacketMore;

const kinds: readonly RowKind[] = ["packets"];
const noNames: ReadonlyMap<string, number> = new Map();
const number = { type: "number", min: 0, max: Number.MAX_SAFE_INTEGER, unit: "none", names: noNames, kinds } as const;
const seconds = { ...number, min: -Number.MAX_SAFE_INTEGER, unit: "seconds" } as const;
const text = (doc: string, column: FrameText, key = ""): PacketField => ({
  type: "text",
  doc,
  kinds,
  source: { type: "text", column, key },
});
const counted = (doc: string, column: FrameColumn): PacketField => ({ ...number, doc, source: { type: "number", column } });
const timed = (doc: string, column: FrameColumn): PacketField => ({ ...seconds, doc, source: { type: "number", column } });

const own: Readonly<Record<string, PacketField>> = {
  frame: { type: "presence", doc: "every packet; contains and matches look at all its bytes", kinds, source: { type: "always" } },
  "frame.number": counted("number in the list", "number"),
  "frame.len": { ...number, unit: "count", doc: "length on the wire", source: { type: "number", column: "length" } },
  "frame.cap_len": { ...number, unit: "count", doc: "bytes that were captured", source: { type: "number", column: "captured" } },
  "frame.time_epoch": timed("seconds since 1970 UTC", "epoch"),
  "frame.time_relative": timed("seconds after the first packet", "relative"),
  "frame.time_delta": timed("seconds after the packet before it", "delta"),
  "frame.interface_id": counted("number of the interface", "interfaceId"),
  "frame.interface_name": text("name of the interface", "interface"),
  "frame.comment": text("a comment of the packet", "comment"),
  "frame.marked": { type: "flag", doc: "is marked", kinds, source: { type: "number", column: "marked" } },
  direction: {
    type: "name",
    names: new Map([
      ["in", 1],
      ["out", 2],
    ]),
    doc: "in or out of the host",
    kinds,
    source: { type: "number", column: "direction" },
  },
  "host.name": text("name of the host", "host"),
  malformed: { type: "presence", doc: "contradicts itself", kinds, source: { type: "malformed" } },
  "udp.stream": counted("number of the conversation of UDP", "udpStream"),
};

/** One name for what IPv4 and IPv6, or several transports, call differently. */
const groups: Readonly<Record<string, { readonly doc: string; readonly of: readonly string[] }>> = {
  "ip.addr": { doc: "IPv4 or IPv6 address of either end", of: ["ip.addr", "ipv6.addr"] },
  "ip.src": { doc: "IPv4 or IPv6 source address", of: ["ip.src", "ipv6.src"] },
  "ip.dst": { doc: "IPv4 or IPv6 destination address", of: ["ip.dst", "ipv6.dst"] },
  "ip.proto": { doc: "protocol after IP, as number or name", of: ["ip.proto", "ipv6.nxt"] },
  "ip.version": { doc: "4 or 6", of: ["ip.version", "ipv6.version"] },
  port: { doc: "port of either end: TCP, UDP or SCTP", of: ["tcp.port", "udp.port", "sctp.port"] },
  srcport: { doc: "source port: TCP, UDP or SCTP", of: ["tcp.srcport", "udp.srcport", "sctp.srcport"] },
  dstport: { doc: "destination port: TCP, UDP or SCTP", of: ["tcp.dstport", "udp.dstport", "sctp.dstport"] },
  tunnel: { doc: "carried by a tunnel", of: ["vxlan", "geneve", "gre"] },
};

const aliases: ReadonlyMap<string, string> = new Map([
  ["interface", "frame.interface_name"],
  ["tcp.flags.rst", "tcp.flags.reset"],
  ["tcp.flags.psh", "tcp.flags.push"],
  ["source.port", "srcport"],
  ["destination.port", "dstport"],
]);

/** By name, those that others are known by as well among them. */
function tableOf(defs: Iterable<FieldDef>): ReadonlyMap<string, PacketField> {
  const table = new Map<string, PacketField>(Object.entries(own));
  for (const def of defs) for (const name of [def.name, ...(def.also ?? [])]) if (!table.has(name)) table.set(name, fieldOf(def, name));
  for (const [name, { doc, of }] of Object.entries(groups)) {
    const names = of.filter((one) => table.has(one));
    const like = names.map((one) => table.get(one)).find((field) => field !== undefined);
    if (like === undefined) continue;
    table.set(name, { ...(like.type === "address" ? { ...like, family: null } : like), doc, source: { type: "nodes", names } });
  }
  return table;
}

function fieldOf(def: FieldDef, name: string): PacketField {
  const common = { doc: def.label, kinds, source: { type: "nodes", names: [name] } } as const;
  switch (def.type) {
    case "none":
      return { type: "presence", ...common };
    case "uint":
      return { ...number, names: namesOf(def), ...common };
    case "bool":
      return { type: "flag", ...common };
    case "ipv4":
      return { type: "address", family: 4, ...common };
    case "ipv6":
      return { type: "address", family: 6, ...common };
    case "ether":
      return { type: "bytes", length: 6, ...common };
    case "bytes":
      return { type: "bytes", length: null, ...common };
    case "text":
      return { type: "text", ...common };
    case "time":
      return { ...seconds, ...common };
  }
}

/** The words for a field's values, in lower case and as a filter can write them. */
function namesOf({ names }: FieldDef): ReadonlyMap<string, number> {
  if (names === undefined) return noNames;
  return new Map([...names].flatMap(([value, word]) => (/^[A-Za-z][\w.-]*$/.test(word) ? [[word.toLowerCase(), value] as const] : [])));
}

const table = tableOf(fieldDefs.values());
const LABEL = "host.label.";

function named(name: string): string | null {
  if (table.has(name) || name.startsWith(LABEL)) return name;
  const known = aliases.get(name);
  return known !== undefined && table.has(known) ? known : null;
}

function of(name: string): PacketField {
  const field = table.get(name);
  if (field !== undefined) return field;
  return text("label of the host", "label", name.slice(LABEL.length));
}

/** Looks for bytes in what is text or bytes, and in a protocol's part of the packet. */
function more(op: "contains" | "matches", name: string, written: string): Read<PacketMore> {
  const { type } = of(name);
  if (type !== "text" && type !== "bytes" && type !== "presence")
    return { ok: false, message: `${name} is neither text nor bytes: ${op} does not apply` };
  if (op === "matches") return matching(name, expressionOf(written));
  const value = unquoted(written);
  const listed = written.startsWith('"') || !/[:.-]/.test(value) ? null : parseBytes(value);
  const bytes = listed === null ? new TextEncoder().encode(value) : Uint8Array.from(listed);
  return bytes.length === 0
    ? { ok: false, message: "contains wants at least one byte" }
    : { ok: true, value: { type: "containsBytes", field: name, bytes } };
}

/** Between its quotes as it stands, so that a backslash is the regular expression's own; only quotes need one before them. */
function expressionOf(written: string): string {
  return written.startsWith('"') ? written.slice(1, -1).replaceAll('\\"', '"') : written;
}

function matching(field: string, value: string): Read<PacketMore> {
  try {
    return { ok: true, value: { type: "matches", field, pattern: new Regex(value) } };
  } catch (error) {
    if (error instanceof RegexError) return { ok: false, message: error.message };
    throw error;
  }
}

type PacketFields = Omit<FieldSet<string, PacketMore>, "of"> & { of(name: string): PacketField };

/** The fields of packets whose bytes are there: those of the dissectors, of the table and of the host. */
export const packetFields: PacketFields = {
  names: [...table.keys()],
  named,
  of,
  more,
  moreOps: (name) => {
    const { type } = of(name);
    if (type === "text") return ["matches"];
    return type === "bytes" || type === "presence" ? ["contains", "matches"] : [];
  },
};
