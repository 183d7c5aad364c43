import { addressText } from "./addressLiteral.ts";
import type { FieldName } from "./fields.ts";
import type { Condition, Item, Query, Value } from "./types.ts";
import { numberText, quoted } from "./values.ts";

/** The query's text in its one canonical form; parsed again, it is the same query. */
export function printQuery(query: Query): string {
  return query.type === "all" ? "" : print(query);
}

function print(condition: Condition): string {
  switch (condition.type) {
    case "present":
      return condition.field;
    case "compare":
      return `${condition.field} ${condition.op} ${valueText(condition.field, condition.value)}`;
    case "contains":
      return `${condition.field} contains ${quoted(condition)}`;
    case "in":
      return `${condition.field} in {${condition.items.map((item) => itemText(condition.field, item)).join(", ")}}`;
    case "not":
      return condition.of.type === "present" || condition.of.type === "not" ? `!${print(condition.of)}` : `!(${print(condition.of)})`;
    case "and":
      return condition.of.map((one) => (one.type === "or" ? `(${print(one)})` : print(one))).join(" && ");
    case "or":
      return condition.of.map(print).join(" || ");
  }
}

function itemText(field: FieldName, item: Item): string {
  return item.type === "range" ? `${valueText(field, item.from)}..${valueText(field, item.to)}` : valueText(field, item);
}

function valueText(field: FieldName, value: Value): string {
  switch (value.type) {
    case "number":
      return numberText(field, value);
    case "address":
      return addressText(value);
    case "text":
      return quoted(value);
    case "bytes":
      return value.bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(":");
  }
}
