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
export type Value = NumberValue | AddressValue | TextValue;

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
export type Term =
  /** Has a value; of a TCP flag: is set. */
  | { readonly type: "present"; readonly field: FieldName }
  | { readonly type: "compare"; readonly field: FieldName; readonly op: Comparison; readonly value: Value }
  | { readonly type: "in"; readonly field: FieldName; readonly items: readonly Item[] }
  | { readonly type: "contains"; readonly field: FieldName; readonly text: string };

/** `and` and `or` hold two or more, none of their own kind. */
export type Condition =
  | Term
  | { readonly type: "and"; readonly of: readonly Condition[] }
  | { readonly type: "or"; readonly of: readonly Condition[] }
  | { readonly type: "not"; readonly of: Condition };

/** `all` is the empty query: every row. */
export type Query = { readonly type: "all" } | Condition;

/** Where and why a text is no query; position and length in UTF-16 units, within the text. */
export type QueryError = { readonly message: string; readonly position: number; readonly length: number };
export type Parsed = { readonly ok: true; readonly query: Query } | { readonly ok: false; readonly error: QueryError };
