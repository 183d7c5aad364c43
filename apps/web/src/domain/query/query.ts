import type { Statement } from "./fieldSet.ts";
import type { RowKind } from "./fieldTypes.ts";
import { fieldOf, type FieldName } from "./fields.ts";
import type { Condition, Joined, Query, Term } from "./types.ts";

/** Whether it takes every row. */
export function isEmpty(query: Query): query is { readonly type: "all" } {
  return query.type === "all";
}

/** What both take. */
export function and(a: Query, b: Query): Query {
  if (isEmpty(a)) return b;
  return isEmpty(b) ? a : joined("and", [a, b]);
}

/** Conditions under one word; those that are of the same word already are taken apart. One alone stays as it is. */
export function joined<T extends Statement = Term>(type: "and" | "or", conditions: readonly Condition<T>[]): Condition<T> {
  const of = conditions.flatMap((one) => (isJoined(one, type) ? one.of : [one]));
  return of.length === 1 && of[0] !== undefined ? of[0] : { type, of };
}

function isJoined<T extends Statement>(condition: Condition<T>, type: "and" | "or"): condition is Joined<T> {
  return condition.type === type;
}

/** The fields it names. */
export function fieldsOf(query: Query): ReadonlySet<FieldName> {
  const fields = new Set<FieldName>();
  eachTerm(query, (term) => fields.add(term.field));
  return fields;
}

/** Those of its fields that this kind of row does not have: statements about them are never true. */
export function fieldsWithout(query: Query, kind: RowKind): FieldName[] {
  return [...fieldsOf(query)].filter((name) => !fieldOf(name).kinds.includes(kind));
}

function eachTerm(query: Query, visit: (term: Term) => void): void {
  switch (query.type) {
    case "all":
      return;
    case "and":
    case "or":
      for (const one of query.of) eachTerm(one, visit);
      return;
    case "not":
      eachTerm(query.of, visit);
      return;
    case "present":
    case "compare":
    case "in":
    case "contains":
      visit(query);
  }
}
