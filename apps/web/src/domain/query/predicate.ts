import type { AddressColumn, Guard, RowKind, TextColumn } from "./fieldTypes.ts";
import type { FieldName } from "./fields.ts";
import { fieldOf, labelKey } from "./fields.ts";
import { addressReader, numberReaders, type HostFacts, type Reader, type RowView } from "./rows.ts";
import { addressTest, numberTest, textTest, type AddressTest, type NumberTest } from "./tests.ts";
import type { Condition, Query, Term } from "./types.ts";

/** Whether a row is of the query. */
export type Predicate = (row: RowView) => boolean;

const always: Predicate = () => true;
const never: Predicate = () => false;

/**
 * The query as a function over rows as they lie in their batch; it answers as whereOf does in Postgres.
 * No object is made for a row; what only depends on the host is asked once for each HostFacts.
 */
export function predicateOf(query: Query, kind: RowKind): Predicate {
  return query.type === "all" ? always : compile(query, kind);
}

function compile(condition: Condition, kind: RowKind): Predicate {
  switch (condition.type) {
    case "and": {
      const of = condition.of.map((one) => compile(one, kind));
      return (row) => {
        for (const one of of) if (!one(row)) return false;
        return true;
      };
    }
    case "or": {
      const of = condition.of.map((one) => compile(one, kind));
      return (row) => {
        for (const one of of) if (one(row)) return true;
        return false;
      };
    }
    case "not": {
      const of = compile(condition.of, kind);
      return (row) => !of(row);
    }
    case "present":
    case "compare":
    case "in":
    case "contains":
      return termOf(condition, kind);
  }
}

function termOf(term: Term, kind: RowKind): Predicate {
  const field = fieldOf(term.field);
  if (!field.kinds.includes(kind)) return never;
  if (field.type === "text") return textOf(term, field.columns[0], kind);
  const statement = statementOf(term, kind);
  const wanted = term.type !== "compare" || term.op !== "!=";
  return field.guards
    .map((guard) => guardOf(guard, kind))
    .reduceRight<Predicate>(
      (rest, guard) => (row) => guard(row) && rest(row),
      (row) => statement(row) === wanted,
    );
}

function guardOf(guard: Guard, kind: RowKind): Predicate {
  const read = numberReaders[kind](guard.column);
  if ("not" in guard) return (row) => read(row) !== guard.not;
  const [first = 0, ...more] = guard.oneOf;
  return more.length === 0 ? (row) => read(row) === first : (row) => guard.oneOf.includes(read(row));
}

/** Whether one of the field's columns fits; of `!=` whether one is equal. */
function statementOf(term: Term, kind: RowKind): Predicate {
  const field = fieldOf(term.field);
  switch (field.type) {
    case "presence":
    case "text":
      return always;
    case "flag": {
      const test = term.type === "present" ? (bit: number) => bit === 1 : numberTest(term);
      const bitOf =
        (read: Reader): Reader =>
        (row) =>
          (read(row) >> field.bit) & 1;
      return anyNumber(
        field.columns.map((column) => bitOf(numberReaders[kind](column))),
        test,
      );
    }
    case "number":
    case "name":
      if (term.type === "present") return always;
      return anyNumber(
        field.columns.map((column) => numberReaders[kind](column)),
        numberTest(term),
      );
    case "address":
      return term.type === "present" ? always : anyAddress(field.columns, kind, addressTest(term));
  }
}

function anyNumber([first, second]: readonly Reader[], test: NumberTest): Predicate {
  if (first === undefined) return always;
  return second === undefined ? (row) => test(first(row)) : (row) => test(first(row)) || test(second(row));
}

function anyAddress(columns: readonly AddressColumn[], kind: RowKind, test: AddressTest): Predicate {
  const family = numberReaders[kind]("family");
  const [first, second] = columns.map((column) => addressReader(kind, column));
  if (first === undefined) return always;
  if (second === undefined) return (row) => test(row.view, row.at + first, family(row));
  return (row) => test(row.view, row.at + first, family(row)) || test(row.view, row.at + second, family(row));
}

function textOf(term: Term, column: TextColumn, kind: RowKind): Predicate {
  const test = textTest(term);
  if (column === "interface") {
    const ifindex = numberReaders[kind]("ifindex");
    return (row) => test(row.host.interfaces.get(ifindex(row)));
  }
  const fact = factOf(term.field, column);
  let known: HostFacts | null = null;
  let answer = false;
  return ({ host }) => {
    if (host !== known) {
      known = host;
      answer = test(fact(host));
    }
    return answer;
  };
}

function factOf(name: FieldName, column: Exclude<TextColumn, "interface">): (host: HostFacts) => string | undefined {
  switch (column) {
    case "host_name":
      return (host) => host.name;
    case "host_id":
      return (host) => host.id;
    case "label": {
      const key = labelKey(name) ?? "";
      return (host) => (Object.hasOwn(host.labels, key) ? host.labels[key] : undefined);
    }
  }
}
