import { recordFields, type FieldSet, type Statement } from "./fieldSet.ts";
import type { RowKind, ValueField } from "./fieldTypes.ts";
import { labelKey, type FieldName } from "./fields.ts";
import { deepAt, MAX_QUERY_LENGTH } from "./limits.ts";
import { placeAfter, tokensOf, treeOf, type Place, type Token } from "./tokens.ts";
import { quoted } from "./values.ts";

/** What is known of the fleet, to offer it; `kind` leaves out the fields that such rows do not have. */
export type CompletionData = {
  /** Values by key. */
  readonly labels?: Readonly<Record<string, readonly string[]>>;
  readonly hosts?: readonly string[];
  readonly interfaces?: readonly string[];
  readonly kind?: RowKind;
};
export type CompletionOption = { readonly label: string; readonly detail: string; readonly kind: "field" | "operator" | "value" };
/** Options to put in place of the text between two positions, the likeliest first. */
export type Completion = { readonly from: number; readonly to: number; readonly options: readonly CompletionOption[] };

/** More than a person reads; a fleet may have thousands of names. */
const MAX_OPTIONS = 100;

/** What may stand at this position of a filter that is being written; positions in UTF-16 units. Never throws. */
export function complete(text: string, position: number, data: CompletionData = {}): Completion {
  return completeWith<FieldName, never>(text, position, data, recordFields);
}

/** The same over rows that have other fields. */
export function completeWith<Name extends string, More extends Statement>(
  text: string,
  position: number,
  data: CompletionData,
  set: FieldSet<Name, More>,
): Completion {
  const offset = Math.min(position, text.length);
  const { from, to } = typedAt(text, offset);
  const before = tokensBefore(text.slice(0, from));
  if (before === null) return { from, to, options: [] };
  const typed = text.slice(from, offset).replace(/^"/, "").toLowerCase();
  const open = before.filter(({ name }) => name === "(").length > before.filter(({ name }) => name === ")").length;
  const options = optionsAt(placeAfter(text, before), open, { data, set });
  const plain = ({ label }: CompletionOption): string => label.replace(/^"/, "").toLowerCase();
  const begins = options.filter((option) => plain(option).startsWith(typed));
  const holds = options.filter((option) => !plain(option).startsWith(typed) && plain(option).includes(typed));
  return { from, to, options: [...begins, ...holds].slice(0, MAX_OPTIONS) };
}

/** Its tokens; behind an error those since the last && or ||. Null when these are none that a filter begins with. */
function tokensBefore(text: string): Token[] | null {
  if (text.length > MAX_QUERY_LENGTH || deepAt(text) !== null) return null;
  if (isBeginning(text)) return tokensOf(text);
  const from = Math.max(text.lastIndexOf("&&"), text.lastIndexOf("||")) + 2;
  const rest = " ".repeat(from) + text.slice(from); // at the place where it stands
  return from > 1 && isBeginning(rest) ? tokensOf(rest) : null;
}

function isBeginning(text: string): boolean {
  const tree = treeOf(text);
  return tree.ok || tree.at === text.length;
}

/** The word, text or half an operator at the position. */
function typedAt(text: string, offset: number): { from: number; to: number } {
  const before = text.slice(0, offset);
  const rest = text.slice(offset);
  const openText = [...before.matchAll(/"(?:[^"\\]|\\.)*("|$)/gsu)].find(([, end]) => end === "");
  if (openText !== undefined) return { from: openText.index, to: offset + (/^(?:[^"\\&|(){},]|\\.)*"?/su.exec(rest)?.[0].length ?? 0) };
  const word = /(?:^|\.\.|[^A-Za-z0-9_:/@+.-])((?:[A-Za-z0-9_:/@+-]|\.(?!\.))*)$/.exec(before)?.[1] ?? "";
  if (word !== "") return { from: offset - word.length, to: offset + (/^(?:[A-Za-z0-9_:/@+-]|\.(?!\.))*/.exec(rest)?.[0].length ?? 0) };
  const half = /(?:^|[^=!<>&|])([=&|])$/.test(before) ? 1 : 0;
  return { from: offset - half, to: offset };
}

type Known<Name extends string, More extends Statement> = { readonly data: CompletionData; readonly set: FieldSet<Name, More> };

function optionsAt<Name extends string, More extends Statement>(
  place: Place,
  open: boolean,
  { data, set }: Known<Name, More>,
): CompletionOption[] {
  switch (place.type) {
    case "condition":
      return fieldOptions({ data, set });
    case "operator": {
      const name = set.named(place.field);
      return [...(name === null ? [] : [...operators(set.of(name)), ...set.moreOps(name).map((op) => moreOps[op])]), ...connectives(open)];
    }
    case "value":
    case "item": {
      const name = set.named(place.field);
      return name === null ? [] : valueOptions(name, set.of(name), data);
    }
    case "set":
      return [option("{", "begins the set")];
    case "itemEnd":
      return [option(",", "another value"), option("..", "up to another value"), option("}", "ends the set")];
    case "connective":
      return connectives(open);
  }
}

function option(label: string, detail: string): CompletionOption {
  return { label, detail, kind: "operator" };
}

function connectives(open: boolean): CompletionOption[] {
  return [option("&&", "and"), option("||", "or"), ...(open ? [option(")", "closes the parenthesis")] : [])];
}

function fieldOptions<Name extends string, More extends Statement>({
  data: { labels = {}, kind },
  set,
}: Known<Name, More>): CompletionOption[] {
  const plain = set.names.filter((name) => kind === undefined || set.of(name).kinds.includes(kind));
  const known = Object.keys(labels).flatMap((key) => set.named(`host.label.${key}`) ?? []);
  return [...plain, ...known].map((label) => ({ label, detail: set.of(label).doc, kind: "field" }));
}

const equality = [option("==", "is"), option("!=", "is not")];
const order = [option("<", "less"), option("<=", "at most"), option(">", "more"), option(">=", "at least")];
const oneOf = option("in", "is one of {…}");
const moreOps = { contains: option("contains", "has this part"), matches: option("matches", "a regular expression fits") };

function operators({ type }: ValueField): CompletionOption[] {
  switch (type) {
    case "presence":
      return [];
    case "flag":
    case "name":
      return [...equality, oneOf];
    case "number":
    case "address":
      return [...equality, ...order, oneOf];
    case "text":
      return [...equality, moreOps.contains, oneOf];
    case "bytes":
      return [...equality, oneOf];
  }
}

function valueOptions(name: string, field: ValueField, data: CompletionData): CompletionOption[] {
  const value = (label: string, detail = ""): CompletionOption => ({ label, detail, kind: "value" });
  switch (field.type) {
    case "presence":
    case "address":
    case "bytes":
      return [];
    case "number":
      return [...field.names].map(([label, number]) => value(label, String(number)));
    case "name":
      return [...field.names.keys()].map((label) => value(label));
    case "flag":
      return [value("1", "is set"), value("0", "is not set")];
    case "text":
      return textsOf(name, data).map((text) => value(quoted({ text })));
  }
}

function textsOf(name: string, { labels = {}, hosts = [], interfaces = [] }: CompletionData): readonly string[] {
  const key = labelKey(name);
  if (key !== null) return Object.hasOwn(labels, key) ? (labels[key] ?? []) : [];
  return name === "host.name" ? hosts : name === "interface" || name === "frame.interface_name" ? interfaces : [];
}
