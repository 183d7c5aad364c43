import type { FieldName } from "./fields.ts";

/** A value as its field has it: names, suffixes and units are already numbers, durations milliseconds. */
export type NumberValue = { readonly type: "number"; readonly value: number };
/** One address, or a network with its host bits zero; 4 or 16 bytes. */
export type AddressValue = {
  readonly type: "address";
  readonly family: 4 | 6;
  readonly bytes: readonly number[];
  readonly prefix: number;
};
export type TextValue = { readonly type: "text"; readonly text: string };
/** A run of bytes, like a hardware address. */
export type BytesValue = { readonly type: "bytes"; readonly bytes: readonly number[] };
export type Value = NumberValue | AddressValue | TextValue | BytesValue;

/** Both ends belong to it. */
export type Range =
  | { readonly type: "range"; readonly from: NumberValue; readonly to: NumberValue }
  | { readonly type: "range"; readonly from: AddressValue; readonly to: AddressValue };
export type Item = Value | Range;

export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";

/**
 * One statement about one field. A field may have several values (ip.addr) or none (tcp.port of UDP):
 * every statement wants at least one, `!=` that none equals, all others that one of them fits.
 */
export type Term<Name extends string = FieldName> =
  /** Has a value; of a flag: is set. */
  | { readonly type: "present"; readonly field: Name }
  | { readonly type: "compare"; readonly field: Name; readonly op: Comparison; readonly value: Value }
  | { readonly type: "in"; readonly field: Name; readonly items: readonly Item[] }
  | { readonly type: "contains"; readonly field: Name; readonly text: string };

/** `and` and `or` hold two or more, none of their own kind. `T` are the statements of a field set. */
export type Condition<T = Term> = T | Joined<T> | { readonly type: "not"; readonly of: Condition<T> };
export type Joined<T> =
  | { readonly type: "and"; readonly of: readonly Condition<T>[] }
  | { readonly type: "or"; readonly of: readonly Condition<T>[] };

/** `all` is the empty query: every row. */
export type Query<T = Term> = { readonly type: "all" } | Condition<T>;

/** Where and why a text is no query; position and length in UTF-16 units, within the text. */
export type QueryError = { readonly message: string; readonly position: number; readonly length: number };
export type Parsed<T = Term> = { readonly ok: true; readonly query: Query<T> } | { readonly ok: false; readonly error: QueryError };
