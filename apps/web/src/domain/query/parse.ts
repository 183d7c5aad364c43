import type { SyntaxNode } from "@lezer/common";
import { labelKeySchema } from "@sonde/protocol";
import { explain } from "./explain.ts";
import { recordFields, type FieldSet, type Statement } from "./fieldSet.ts";
import { labelKey, type FieldName } from "./fields.ts";
import { deepAt, MAX_DEPTH, MAX_QUERY_LENGTH, MAX_TERMS, tooDeep } from "./limits.ts";
import { joined } from "./query.ts";
import { treeOf } from "./tokens.ts";
import type { Comparison, Condition, Item, Parsed, Term, Value } from "./types.ts";
import { rangeOf, readValue, refuseComparison, unquoted } from "./values.ts";

/** Reads a filter over records as a person wrote it. Nothing but blanks takes every row. Never throws. */
export function parseQuery(text: string): Parsed {
  return parseWith<FieldName, never>(text, recordFields);
}

/** The same over rows that have other fields. */
export function parseWith<Name extends string, More extends Statement>(text: string, set: FieldSet<Name, More>): Parsed<Term<Name> | More> {
  if (text.length > MAX_QUERY_LENGTH) {
    const message = `a filter has at most ${MAX_QUERY_LENGTH} characters; this one has ${text.length}`;
    return { ok: false, error: { message, position: MAX_QUERY_LENGTH, length: text.length - MAX_QUERY_LENGTH } };
  }
  const deep = deepAt(text);
  if (deep !== null) return { ok: false, error: { message: tooDeep, position: deep, length: 1 } };
  const tree = treeOf(text);
  if (!tree.ok) return { ok: false, error: explain(text, tree.at) };
  const whole = tree.top.firstChild;
  try {
    return { ok: true, query: whole === null ? { type: "all" } : new Reader(text, set).condition(whole, 0) };
  } catch (error) {
    if (error instanceof Refusal)
      return { ok: false, error: { message: error.message, position: error.at.from, length: error.at.to - error.at.from } };
    throw error;
  }
}

/** The grammar takes it and the language does not; stays within this file. */
class Refusal extends Error {
  constructor(
    message: string,
    readonly at: { readonly from: number; readonly to: number },
  ) {
    super(message);
  }
}

/** Turns a sound tree into a query; its nodes are those of filter.grammar. */
class Reader<Name extends string, More extends Statement> {
  #terms = 0;

  constructor(
    readonly text: string,
    readonly set: FieldSet<Name, More>,
  ) {}

  condition(node: SyntaxNode, depth: number): Condition<Term<Name> | More> {
    if (depth > MAX_DEPTH) throw new Refusal(tooDeep, node);
    const inner = node.firstChild;
    switch (node.name) {
      case "Or":
        return joined("or", this.#all(node.getChildren("And"), depth));
      case "And":
        return joined("and", this.#all(node.getChildren("Condition"), depth));
      case "Group":
        return this.condition(the(node.getChild("Or")), depth + 1);
      case "Not":
        return { type: "not", of: this.condition(the(node.lastChild), depth + 1) };
      default:
        return this.#term(node, the(inner));
    }
  }

  #all(nodes: readonly SyntaxNode[], depth: number): Condition<Term<Name> | More>[] {
    return nodes.map((node) => this.condition(node, depth));
  }

  #term(node: SyntaxNode, fieldNode: SyntaxNode): Term<Name> | More {
    const field = this.#field(fieldNode);
    if (node.name !== "In") this.#count(fieldNode);
    switch (node.name) {
      case "Present":
        return { type: "present", field };
      case "Compare": {
        const op = comparisons[this.#slice(the(node.getChild("CompareOp")))];
        if (op === undefined) throw new Error("an operator of the grammar that parse.ts does not know");
        const value = this.#value(field, the(node.getChild("Value")));
        const refusal = refuseComparison(field, this.set.of(field), op, value);
        if (refusal !== null) throw new Refusal(refusal, node);
        return { type: "compare", field, op, value };
      }
      case "Matches":
        return this.#more("matches", field, node);
      case "Contains": {
        if (this.set.of(field).type !== "text") return this.#more("contains", field, node);
        const value = this.#value(field, the(node.getChild("Value")));
        return { type: "contains", field, text: value.type === "text" ? value.text : "" };
      }
      default:
        return { type: "in", field, items: this.#items(field, the(node.getChild("Set"))) };
    }
  }

  #more(op: "contains" | "matches", field: Name, node: SyntaxNode): More {
    const read = this.set.more(op, field, this.#slice(the(node.getChild("Value"))));
    if (!read.ok) throw new Refusal(read.message, node);
    return read.value;
  }

  #field(node: SyntaxNode): Name {
    const name = this.#slice(node);
    const field = this.set.named(name);
    if (field === null) throw new Refusal(unknownField(name, this.set.names), node);
    const key = labelKey(field);
    if (key !== null && !labelKeySchema.safeParse(key).success)
      throw new Refusal("a label's key begins with a lower-case letter and has lower-case letters, digits and _ . -, at most 63", node);
    return field;
  }

  #items(field: Name, set: SyntaxNode): Item[] {
    const items: Item[] = [];
    for (let node = set.firstChild; node !== null; node = node.nextSibling) {
      if (node.name === "Value") items.push(this.#value(field, node));
      else if (node.name === "Range") items.push(this.#range(field, node));
      else continue;
      this.#count(node);
    }
    return items;
  }

  #range(field: Name, node: SyntaxNode): Item {
    const ends = { from: this.#value(field, the(node.firstChild)), to: this.#value(field, the(node.lastChild)) };
    const range = rangeOf(field, this.set.of(field), ends);
    if (!range.ok) throw new Refusal(range.message, node);
    return range.value;
  }

  #value(field: Name, node: SyntaxNode): Value {
    const value = readValue(field, this.set.of(field), unquoted(this.#slice(node)));
    if (!value.ok) throw new Refusal(value.message, node);
    return value.value;
  }

  #count(node: SyntaxNode): void {
    if (++this.#terms > MAX_TERMS) throw new Refusal(`a filter has at most ${MAX_TERMS} terms`, node);
  }

  #slice({ from, to }: SyntaxNode): string {
    return this.text.slice(from, to);
  }
}

/** A node that the grammar promises. */
function the(node: SyntaxNode | null): SyntaxNode {
  if (node === null) throw new Error("the tree is not of this grammar");
  return node;
}

const comparisons: Readonly<Record<string, Comparison>> = {
  "==": "==",
  "!=": "!=",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
  eq: "==",
  ne: "!=",
  lt: "<",
  le: "<=",
  gt: ">",
  ge: ">=",
};

function unknownField(name: string, names: readonly string[]): string {
  const like = names
    .map((field) => ({ field, distance: distance(name.slice(0, 64), field) }))
    .reduce((best, one) => (one.distance < best.distance ? one : best));
  const shown = name.length > 64 ? `${name.slice(0, 64)}…` : name;
  return `there is no field ${shown}${like.distance <= Math.min(3, name.length / 2) ? `; did you mean ${like.field}?` : ""}`;
}

/** How many letters must be put in, taken out or exchanged (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const exchanged = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(exchanged, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
