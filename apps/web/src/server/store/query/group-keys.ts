import { CodedError } from "@sonde/protocol";
import {
  fieldNamed,
  fieldNames,
  fieldOf,
  fieldsOf,
  labelKey,
  type Field,
  type Guard,
  type NumberColumn,
  type Query,
  type TextColumn,
} from "../../../domain/query/index.ts";
import type { SqlParams } from "./params.ts";
import { effectiveLabel } from "./scope.ts";
import { reckoned } from "./where.ts";

/** A field to group flows by, as SQL. */
export type GroupKey = {
  readonly name: string;
  /** Value of a row `f`, or of one of its ends `e`. */
  readonly inner: string;
  /** The columns of source and destination when both ends count. */
  readonly ends: readonly [string, string] | null;
  /** What else `inner` stands for once rows are grouped by it: given SQL of the inner value. Null: the value itself. */
  readonly named: ((inner: string, params: SqlParams) => string) | null;
  /** SQL of the value as text. */
  readonly text: (value: string) => string;
  /** What is shown for that text. */
  readonly shown: (text: string) => string;
  /** Whether the sums by minute and coarser know it. */
  readonly inSums: boolean;
};

/** The address that the host talked with: where a flow comes from, or goes to. */
const PEER = "peer";
const INGRESS = `'\\001'::"char"`;
const sumColumns: ReadonlySet<NumberColumn | TextColumn> = new Set([
  "protocol",
  "direction",
  "verdict",
  "host_name",
  "host_id",
  "label",
  "interface",
]);

/** The SQL of a field by its name in the filter language, or `peer`. Throws QUERY_FIELD. */
export function groupKeys(names: readonly string[]): GroupKey[] {
  return names.map((name) => groupKey(name));
}

function groupKey(name: string): GroupKey {
  const asIs = (text: string): string => text;
  const base = { name, ends: null, named: null, text: (value: string) => `${value}::text`, shown: asIs, inSums: false };
  if (name === PEER) {
    return {
      ...base,
      inner: `CASE WHEN f.direction = ${INGRESS} THEN f.source_address ELSE f.destination_address END`,
      text: addressText,
    };
  }
  const fieldName = fieldNamed(name);
  const field = fieldName === null ? null : fieldOf(fieldName);
  if (fieldName === null || !field?.kinds.includes("flows")) {
    throw new CodedError("QUERY_FIELD", `Flows have no field ${name}; it is one of: ${PEER}, ${flowFields().join(", ")}, host.label.KEY`);
  }
  const inSums = columnsOf(field).every((column) => sumColumns.has(column));
  if (field.type === "text") return { ...base, inSums, ...textKey(field.columns[0], labelKey(fieldName)) };
  const guards = field.guards.map(guardSql).filter((sql) => sql !== null);
  const guarded = (sql: string): string => (guards.length === 0 ? sql : `CASE WHEN ${guards.join(" AND ")} THEN ${sql} END`);
  if (field.type === "presence") return { ...base, inSums, inner: `(${guards.join(" AND ") || "true"})` };
  if (field.type === "flag") return { ...base, inner: guarded(`f.tcp_flags >> ${field.bit} & 1`) };
  const columns = field.columns.map((column) => (field.type === "address" ? `f.${column}` : columnSql(column as NumberColumn)));
  const text = field.type === "address" ? addressText : base.text;
  const shown = field.type === "address" ? asIs : nameOf(field.names);
  const [source = "NULL", destination] = columns;
  if (destination === undefined) return { ...base, inSums, inner: guarded(source), text, shown };
  return { ...base, inner: guarded("e.?"), ends: [source, destination], text, shown };
}

const addressText = (value: string): string => `host(${value})`;
const flowFields = (): string[] => fieldNames.filter((name) => fieldOf(name).kinds.includes("flows"));

function textKey(column: TextColumn, key: string | null): Pick<GroupKey, "inner" | "named"> {
  const host = (what: string) => (inner: string) => `(SELECT ${what} FROM host h WHERE h.number = ${inner})`;
  switch (column) {
    case "host_name":
      return { inner: "f.host", named: host("h.name") };
    case "host_id":
      return { inner: "f.host", named: host("h.id") };
    case "interface":
      return { inner: "f.interface_id", named: (inner) => `(SELECT i.name FROM interface i WHERE i.id = ${inner})` };
    case "label":
      return { inner: "f.host", named: (inner, params) => host(effectiveLabel("h.id", params.add(key ?? "")))(inner) };
  }
}

function columnsOf(field: Field): (NumberColumn | TextColumn)[] {
  if (field.type === "address") return ["family"];
  return [...field.columns, ...field.guards.filter((guard) => !isAlways(guard)).map((guard) => guard.column)];
}

/** Whether the sums by minute and coarser can tell which rows a query wants. */
export function knownToSums(query: Query): boolean {
  return [...fieldsOf(query)].every((name) => columnsOf(fieldOf(name)).every((column) => sumColumns.has(column)));
}

/** Every flow is of IPv4 or IPv6. */
const isAlways = (guard: Guard): boolean => guard.column === "family" && "not" in guard && guard.not === 0;

function guardSql(guard: Guard): string | null {
  if (isAlways(guard)) return null;
  const column = columnSql(guard.column);
  return "not" in guard ? `${column} <> ${guard.not}` : `${column} IN (${guard.oneOf.join(", ")})`;
}

const charColumns: ReadonlySet<NumberColumn> = new Set(["direction", "tunnel", "verdict", "end_reason"]);

function columnSql(column: NumberColumn): string {
  return reckoned.get(column) ?? (charColumns.has(column) ? `f.${column}::int` : `f.${column}`);
}

function nameOf(names: ReadonlyMap<string, number>): (text: string) => string {
  const byNumber = new Map([...names].map(([name, number]) => [String(number), name]));
  return (text) => byNumber.get(text) ?? text;
}
