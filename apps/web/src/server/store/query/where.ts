import {
  addressText,
  fieldOf,
  isSingle,
  type Condition,
  type Field,
  type Guard,
  type Item,
  type NumberColumn,
  type Query,
  type RowKind,
  type Term,
} from "../../../domain/query/index.ts";
import type { SqlParams } from "./params.ts";
import { textWhere } from "./where-hosts.ts";

/**
 * A query as a boolean SQL expression over the alias `f` of flow_records or packet_records; never NULL.
 * All values go into `params`; what stands in the text are columns and numbers from tables of this program.
 */
export function whereOf(query: Query, params: SqlParams, kind: RowKind): string {
  return query.type === "all" ? "true" : new Writer(params, kind).condition(query);
}

/** Columns of type "char". */
const charColumns: ReadonlySet<NumberColumn> = new Set(["tunnel", "direction", "verdict", "malformed", "end_reason"]);
/** What they are compared with need not fit an integer. */
const wideColumns: ReadonlySet<NumberColumn> = new Set(["bytes", "packets", "frames", "duration", "tunnel_id", "wire_len"]);

/** SQL of those that no column of the table holds as such. */
export const reckoned: ReadonlyMap<NumberColumn, string> = new Map([
  ["family", "family(f.source_address)"],
  ["duration", "(f.first_ms - f.last_ms)"],
  ["tunnel_id", "(f.tunnel_id::bigint & 4294967295)"],
  ["icmp_type", "(f.source_port >> 8)"],
  ["icmp_code", "(f.source_port & 255)"],
]);

class Writer {
  constructor(
    readonly params: SqlParams,
    readonly kind: RowKind,
  ) {}

  condition(condition: Condition): string {
    switch (condition.type) {
      case "and":
        return `(${condition.of.map((one) => this.condition(one)).join(" AND ")})`;
      case "or":
        return `(${condition.of.map((one) => this.condition(one)).join(" OR ")})`;
      case "not":
        return `(NOT ${this.condition(condition.of)})`;
      case "present":
      case "compare":
      case "in":
      case "contains":
        return `(${this.#term(condition)})`;
    }
  }

  #term(term: Term): string {
    const field = fieldOf(term.field);
    if (!field.kinds.includes(this.kind)) return "false";
    if (field.type === "text") return textWhere(term, field.columns[0], this.params);
    const parts = field.guards.map((guard) => this.#guard(guard));
    const statement = this.#statement(field, term);
    if (statement !== null) parts.push(term.type === "compare" && term.op === "!=" ? `NOT ${statement}` : statement);
    const said = parts.filter((sql) => sql !== "true");
    return said.length === 0 ? "true" : said.join(" AND ");
  }

  #guard(guard: Guard): string {
    if (this.kind === "flows" && guard.column === "family" && "not" in guard) return "true"; // a flow has addresses
    const column = this.#column(guard.column);
    if ("not" in guard) return `${column} <> ${literal(guard.column, guard.not)}`;
    const values = guard.oneOf.map((value) => literal(guard.column, value));
    return values.length === 1 ? `${column} = ${values[0]}` : `${column} IN (${values.join(", ")})`;
  }

  /** That one of the field's columns fits: of `!=` that one is equal. Null when the guards have said it all. */
  #statement(field: Exclude<Field, { type: "text" }>, term: Term): string | null {
    switch (field.type) {
      case "presence":
        return null;
      case "address": {
        const tests = addressTests(term, this.params);
        return tests === null ? null : this.#safe(field.columns.flatMap((column) => tests.map((test) => test(`f.${column}`))));
      }
      case "flag": {
        const values = term.type === "present" ? [1] : numbersOf(term);
        return anyOf(field.columns.flatMap((c) => values.map((set) => `(f.${c} & ${1 << field.bit}) ${set === 1 ? "<>" : "="} 0`)));
      }
      case "number":
      case "name": {
        const [first] = field.columns;
        if (first === undefined || term.type === "present") return null;
        const tests = charColumns.has(first)
          ? charTests(first, term)
          : numberTests(term, this.params, wideColumns.has(first) ? "bigint" : "int");
        return anyOf(field.columns.flatMap((column) => tests.map((test) => test(this.#column(column)))));
      }
    }
  }

  /** Packets may have no addresses. */
  #safe(tests: readonly string[]): string {
    return this.kind === "flows" ? anyOf(tests) : `coalesce(${anyOf(tests)}, false)`;
  }

  #column(column: NumberColumn): string {
    if (column === "family" && this.kind === "packets") return "coalesce(family(f.source_address), 0)";
    return reckoned.get(column) ?? `f.${column}`;
  }
}

type Test = (sql: string) => string;

function anyOf(tests: readonly string[]): string {
  return `(${tests.join(" OR ")})`;
}

/** A number of this program's own tables as SQL. */
function literal(column: NumberColumn, value: number): string {
  if (!Number.isInteger(value) || Math.abs(value) > 0xffff) throw new Error(`${value} is no value of ${column}`);
  return charColumns.has(column) ? `'\\${value.toString(8).padStart(3, "0")}'::"char"` : String(value);
}

function itemsOf(term: Term): readonly Item[] {
  if (term.type === "in") return term.items;
  return term.type === "compare" ? [term.value] : [];
}

function numbersOf(term: Term): number[] {
  return itemsOf(term).flatMap((item) => (item.type === "number" ? [item.value] : []));
}

function charTests(column: NumberColumn, term: Term): Test[] {
  const values = numbersOf(term).map((value) => literal(column, value));
  return [(sql) => (values.length === 1 ? `${sql} = ${values[0]}` : `${sql} IN (${values.join(", ")})`)];
}

function numberTests(term: Term, params: SqlParams, cast: "int" | "bigint"): Test[] {
  const tests: Test[] = [];
  const singles = numbersOf(term);
  if (singles.length === 1) {
    const op = term.type === "compare" && term.op !== "!=" && term.op !== "==" ? term.op : "=";
    const value = `${params.add(singles[0] ?? 0)}::${cast}`;
    tests.push((sql) => `${sql} ${op} ${value}`);
  } else if (singles.length > 1) {
    const values = `${params.add(singles)}::${cast}[]`;
    tests.push((sql) => `${sql} = ANY(${values})`);
  }
  for (const item of itemsOf(term)) {
    if (item.type !== "range" || item.from.type !== "number" || item.to.type !== "number") continue;
    const [from, to] = [`${params.add(item.from.value)}::${cast}`, `${params.add(item.to.value)}::${cast}`];
    tests.push((sql) => `${sql} BETWEEN ${from} AND ${to}`);
  }
  return tests;
}

/** Plain equality where it can be, for the indexes; order only within a family. Null: no more than being there. */
function addressTests(term: Term, params: SqlParams): Test[] | null {
  if (term.type === "present") return null;
  const tests: Test[] = [];
  const singles: string[] = [];
  const networks: string[] = [];
  for (const item of itemsOf(term)) {
    if (item.type === "range" && item.from.type === "address" && item.to.type === "address") {
      const { family } = item.from;
      const [from, to] = [`${params.add(addressText(item.from))}::inet`, `${params.add(addressText(item.to))}::inet`];
      tests.push((sql) => `(family(${sql}) = ${family} AND ${sql} BETWEEN ${from} AND ${to})`);
    } else if (item.type === "address" && term.type === "compare" && term.op !== "==" && term.op !== "!=") {
      const value = `${params.add(addressText(item))}::inet`;
      tests.push((sql) => `(family(${sql}) = ${item.family} AND ${sql} ${term.op} ${value})`);
    } else if (item.type === "address") (isSingle(item) ? singles : networks).push(addressText(item));
  }
  if (singles.length > 0) tests.unshift(oneOrAny("=", singles, params));
  if (networks.length > 0) tests.unshift(oneOrAny("<<=", networks, params));
  return tests;
}

function oneOrAny(op: "=" | "<<=", values: readonly string[], params: SqlParams): Test {
  const value = values.length === 1 ? `${params.add(values[0] ?? "")}::inet` : `ANY(${params.add(values)}::inet[])`;
  return (sql) => `${sql} ${op} ${value}`;
}
