/** A field of a layer: its value in words and the captured bytes it was read from. */
export type LayerField = {
  readonly name: string;
  readonly value: string;
  /** Byte range in the captured bytes; null when it came from the record, not from the bytes. */
  readonly range: readonly [from: number, to: number] | null;
};
export type Layer = {
  readonly name: string;
  readonly summary: string;
  readonly fields: readonly LayerField[];
  readonly range: readonly [number, number] | null;
};

/** What a layer says comes after it: how to read on, and from which offset up to which. */
export type Next = { readonly proto: NextProto; readonly at: number; readonly end: number };
export type NextProto =
  | { readonly type: "ethertype"; readonly value: number }
  | { readonly type: "ip"; readonly value: number }
  | { readonly type: "udp"; readonly value: number }
  | { readonly type: "payload" }
  | { readonly type: "none" };

export type Parsed = { readonly layer: Layer; readonly next: Next };
export type LayerParser = (bytes: DataView, at: number, end: number) => Parsed;

export const payloadAt = (at: number, end: number): Next => ({ proto: { type: "payload" }, at, end });

export function field(name: string, value: string | number, from: number, length: number): LayerField {
  return { name, value: String(value), range: [from, from + length] };
}

/** The layer shown when a header does not fit into the captured bytes. */
export function cut(name: string, at: number, end: number, need: number): Parsed {
  const layer: Layer = {
    name,
    summary: `cut off: ${Math.max(0, end - at)} of at least ${need} bytes captured`,
    fields: [],
    range: at < end ? [at, end] : null,
  };
  return { layer, next: { proto: { type: "none" }, at: end, end } };
}
