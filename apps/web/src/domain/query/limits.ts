/** Longest text, in UTF-16 units. */
export const MAX_QUERY_LENGTH = 4096;
/** Most terms; every item of a set is one. */
export const MAX_TERMS = 256;
/** Deepest nesting of parentheses and negations. */
export const MAX_DEPTH = 32;
export const tooDeep = `at most ${MAX_DEPTH} parentheses and negations inside each other`;

/** Where too many parentheses are open or negations follow each other, null when nowhere: before a parser goes as deep. */
export function deepAt(text: string): number | null {
  let open = 0;
  let nots = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"?|[A-Za-z0-9_:/@+.-]+|!=|\S/gsu)) {
    if (token === "(") open++;
    else if (token === ")") open--;
    nots = token === "!" || token === "not" ? nots + 1 : 0;
    if (open > MAX_DEPTH || nots > MAX_DEPTH) return index;
  }
  return null;
}
