import { labelSources } from "@sonde/protocol";
import { labelKey, type Item, type Term, type TextColumn } from "../../../domain/query/index.ts";
import type { SqlParams } from "./params.ts";

/**
 * Terms about a row's host or interface, which rows know by number; the names are asked once a statement. What is
 * named singly is few hosts: an array, that an index on the numbers can be searched with. All else may be the whole
 * fleet: an array would be searched from its beginning for every row, a subselect is hashed.
 */
export function textWhere(term: Term, column: TextColumn, params: SqlParams): string {
  switch (column) {
    case "host_name":
      return hostsWhere(term, test(term, "h.name", params));
    case "host_id":
      return hostsWhere(term, test(term, "h.id::text", params));
    case "label":
      return `f.host IN (SELECT h.number FROM host h WHERE ${labelTest(term, params)})`;
    case "interface":
      return `f.interface_id IN (SELECT i.id FROM interface i WHERE ${test(term, "i.name", params)})`;
  }
}

function hostsWhere(term: Term, where: string): string {
  const few = term.type === "in" || (term.type === "compare" && term.op === "==");
  const hosts = `SELECT h.number FROM host h WHERE ${where}`;
  return few ? `f.host = ANY(ARRAY(${hosts}))` : `f.host IN (${hosts})`;
}

const precedence = `array_position(ARRAY[${labelSources.map((source) => `'${source}'`).join(", ")}], l.source)`;

/** Of the labels with this key the one that hides the others. */
function labelTest(term: Term, params: SqlParams): string {
  const key = params.add(labelKey(term.field) ?? "");
  const value = `(SELECT l.value FROM host_label l WHERE l.host_id = h.id AND l.key = ${key} ORDER BY ${precedence} LIMIT 1)`;
  return test(term, value, params);
}

/** NULL, which is a label that is not there, passes none of these. */
function test(term: Term, sql: string, params: SqlParams): string {
  switch (term.type) {
    case "present":
      return `${sql} IS NOT NULL`;
    case "contains":
      return `strpos(${sql}, ${params.add(term.text)}) > 0`;
    case "compare":
      return `${sql} ${term.op === "!=" ? "<>" : "="} ${params.add(textOf(term.value))}`;
    case "in":
      return `${sql} = ANY(${params.add(term.items.map(textOf))}::text[])`;
  }
}

function textOf(item: Item): string {
  return item.type === "text" ? item.text : "";
}
