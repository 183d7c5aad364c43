import type { SyntaxNode } from "@lezer/common";
import { parser } from "./filter.parser.ts";

/** A word or sign of a text; `name` is that of its node in filter.grammar. */
export type Token = { readonly name: string; readonly from: number; readonly to: number };

/** What may come next; of a comparison and a set it says for which field. */
export type Place =
  | { readonly type: "condition" }
  | { readonly type: "operator"; readonly field: string }
  | { readonly type: "value"; readonly field: string; readonly op: string }
  | { readonly type: "set"; readonly field: string }
  | { readonly type: "item"; readonly field: string }
  | { readonly type: "itemEnd"; readonly field: string }
  | { readonly type: "connective" };

const strict = parser.configure({ strict: true });

/** The top node of a text, or where its first token stands that the grammar does not take: its end when it was cut short. */
export function treeOf(text: string): { readonly ok: true; readonly top: SyntaxNode } | { readonly ok: false; readonly at: number } {
  const parse = strict.startParse(text);
  try {
    for (;;) {
      const tree = parse.advance();
      if (tree !== null) return { ok: true, top: tree.topNode };
    }
  } catch (error) {
    if (error instanceof SyntaxError) return { ok: false, at: pastBlanks(text, parse.parsedPos) };
    throw error;
  }
}

function pastBlanks(text: string, from: number): number {
  return from + (/^[ \t\r\n]*/.exec(text.slice(from))?.[0].length ?? 0);
}

/**
 * The tokens of the beginning of a filter, in order. It must be sound: the parser recovers from errors, which takes
 * time that grows with their number.
 */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const cursor = parser.parse(text).cursor();
  do {
    if (cursor.node.firstChild !== null || cursor.type.isError || cursor.from === cursor.to) continue;
    tokens.push({ name: cursor.name, from: cursor.from, to: cursor.to });
  } while (cursor.next());
  return tokens;
}

const start: Place = { type: "condition" };

/** What may stand after these tokens. */
export function placeAfter(text: string, tokens: readonly Token[]): Place {
  let place: Place = start;
  for (const { name, from, to } of tokens) place = step(place, name, text.slice(from, to));
  return place;
}

function step(place: Place, name: string, text: string): Place {
  switch (place.type) {
    case "condition":
      return name === "Word" ? { type: "operator", field: text } : start;
    case "operator":
      if (name === "CompareOp" || name === "ContainsOp" || name === "MatchesOp") return { type: "value", field: place.field, op: text };
      return name === "InOp" ? { type: "set", field: place.field } : afterTerm(name);
    case "value":
      return { type: "connective" };
    case "set":
      return { type: "item", field: place.field };
    case "item":
      return { type: "itemEnd", field: place.field };
    case "itemEnd":
      return name === "}" ? { type: "connective" } : { type: "item", field: place.field };
    case "connective":
      return afterTerm(name);
  }
}

function afterTerm(name: string): Place {
  return name === ")" ? { type: "connective" } : start;
}
