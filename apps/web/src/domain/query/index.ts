export { addressText, isSingle } from "./addressLiteral.ts";
export { complete, type Completion, type CompletionData, type CompletionOption } from "./complete.ts";
export { fieldNamed, fieldNames, fieldOf, labelKey } from "./fields.ts";
export type { AddressColumn, Field, FieldName, Guard, NumberColumn, RowKind, TextColumn } from "./fields.ts";
export { MAX_QUERY_LENGTH } from "./limits.ts";
export { parseQuery } from "./parse.ts";
export { printQuery } from "./print.ts";
export { and, fieldsOf, fieldsWithout, isEmpty } from "./query.ts";
export type {
  AddressValue,
  Comparison,
  Condition,
  Item,
  NumberValue,
  Parsed,
  Query,
  QueryError,
  Range,
  Term,
  TextValue,
  Value,
} from "./types.ts";
export { predicateOf, type Predicate } from "./predicate.ts";
export type { HostFacts, RowView } from "./rows.ts";
