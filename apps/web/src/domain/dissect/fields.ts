/**
 * What a value is:
 * uint: a number, or a bigint past 2^53; bool: 0 or 1; ipv4, ipv6, ether, bytes: a part of the packet's own bytes;
 * text: a string; time: nanoseconds since 1970 as bigint; none: a heading without a value.
 */
export type FieldType = "uint" | "bool" | "ipv4" | "ipv6" | "ether" | "bytes" | "text" | "time" | "none";
export type FieldValue = number | bigint | string | Uint8Array | null;

/** A field of a protocol, declared once by its dissector. */
export type FieldDef = {
  /** As Wireshark's display filters name it: "tcp.srcport". A protocol has one without a dot: "tcp". */
  readonly name: string;
  /** In the tree: "Source port". */
  readonly label: string;
  readonly type: FieldType;
  /** How a uint is written: decimal unless said. */
  readonly base?: "hex";
  /** Digits of a hex number; 4 of a 16-bit one. */
  readonly digits?: number;
  /** Words for values, shown behind the number. */
  readonly names?: ReadonlyMap<number, string>;
  /** Further names that a filter finds the value by: "ip.addr" of ip.src and ip.dst. Not in the tree. */
  readonly also?: readonly string[];
  /** The value is in words that Wireshark's own field has not, or it is no field there: not held against tshark. */
  readonly ours?: true;
};

type More = Omit<FieldDef, "name" | "label" | "type">;
const def =
  (type: FieldType) =>
  (name: string, label: string, more: More = {}): FieldDef => ({ name, label, type, ...more });

export const protocol = def("none");
export const uint = def("uint");
export const bool = def("bool");
export const ipv4Field = def("ipv4");
export const ipv6Field = def("ipv6");
export const etherField = def("ether");
export const bytesField = def("bytes");
export const textField = def("text");
export const timeField = def("time");
/** A hexadecimal number of so many bits. */
export const hex = (name: string, label: string, bits: number, more: More = {}): FieldDef =>
  uint(name, label, { base: "hex", digits: Math.ceil(bits / 4), ...more });
