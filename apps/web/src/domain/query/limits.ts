/** Longest text, in UTF-16 units. */
export const MAX_QUERY_LENGTH = 4096;
/** Most terms; every item of a set is one. */
export const MAX_TERMS = 256;
/** Deepest nesting of parentheses and negations. */
export const MAX_DEPTH = 32;
export const tooDeep = `at most ${MAX_DEPTH} parentheses and negations inside each other`;
