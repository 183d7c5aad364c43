import { placeAfter, tokensOf, type Place, type Token } from "./tokens.ts";
import type { QueryError } from "./types.ts";

/** What is wrong at the first token that the grammar does not take, and what it would have taken. */
export function explain(text: string, at: number): QueryError {
  const before = tokensOf(text.slice(0, at));
  const rest = text.slice(at);
  const length = /^(?:[A-Za-z0-9_:/@+\-.]+|"[^"]*"?|[&|=!<>]+|.)/su.exec(rest)?.[0].length ?? 0;
  const open = before.filter(({ name }) => name === "(").length - before.filter(({ name }) => name === ")").length;
  return { message: messageOf(placeAfter(text, before), before.at(-1), { rest, open }), position: at, length };
}

function messageOf(place: Place, last: Token | undefined, { rest, open }: { rest: string; open: number }): string {
  if (rest.startsWith('"') && !/^"(?:[^"\\]|\\.)*"/su.test(rest)) return 'the text has no closing "';
  if (rest === "" && open > 0 && (place.type === "operator" || place.type === "connective")) return "a parenthesis is not closed";
  if (rest.startsWith(")") && open === 0 && place.type !== "condition") return "this ) closes nothing";
  if (rest.startsWith("'")) return 'text stands in double quotes: "…"';
  switch (place.type) {
    case "condition":
      return last === undefined ? "a filter begins with a field, ! or (" : "expected a field, ! or (";
    case "operator":
      if (/^=(?!=)/.test(rest)) return "expected an operator: equality is ==";
      if (/^[&|](?![&|])/.test(rest)) return "expected && or ||";
      return `expected an operator (==, !=, <, <=, >, >=, contains, in), && or ||${closing(open)}`;
    case "value":
      return `expected a value after ${place.op}`;
    case "set":
      return "expected a set: {value, value}";
    case "item":
      return "expected a value of the set";
    case "itemEnd":
      return rest === "" ? "the set has no closing }" : "expected , or .. or }";
    case "connective":
      return `expected && or ||${closing(open)}`;
  }
}

function closing(open: number): string {
  return open > 0 ? " or )" : "";
}
