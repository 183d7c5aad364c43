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

/** The tokens of any text, sound or not, in order. */
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

/** Where the end of these tokens stands; they are the sound beginning of a text. */
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
      if (name === "CompareOp" || name === "ContainsOp") return { type: "value", field: place.field, op: text };
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
