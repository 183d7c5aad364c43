import type { ValueField } from "./fieldTypes.ts";
import { fieldNamed, fieldNames, fieldOf, type FieldName } from "./fields.ts";

/** A value, or what was expected instead. */
export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

/** A statement that only some field sets know, told apart by its type. */
export type Statement = { readonly type: string };

/** The fields that the rows of a kind have, for reading a filter over them and for completing it. */
export type FieldSet<Name extends string, More extends Statement> = {
  /** In the order in which they are offered. */
  readonly names: readonly Name[];
  /** The field that a text names, also by another name; null when there is none. */
  named(text: string): Name | null;
  of(name: Name): ValueField;
  /** What is stated with `contains` about what is no text, and with `matches`; or why it is not. The value is as written, with its quotes. */
  more(op: "contains" | "matches", name: Name, value: string): Read<More>;
  /** Operators of `more` that the field takes, for completion. */
  moreOps(name: Name): readonly ("contains" | "matches")[];
};

/** Of flow records, and of records of packets. */
export const recordFields: FieldSet<FieldName, never> = {
  names: fieldNames,
  named: fieldNamed,
  of: fieldOf,
  more: (op, name) => ({
    ok: false,
    message: op === "matches" ? "there is no matches: contains asks for a part of a text" : `${name} is no text: contains does not apply`,
  }),
  moreOps: () => [],
};
