/**
 * True when Postgres can hold every string in `value`: it has no NUL and no unpaired surrogate, which JSON.stringify
 * alone writes as these escapes.
 */
export function isStorable(value: unknown): boolean {
  return !/\\u(?:0000|d[89a-f])/.test(JSON.stringify(value) ?? "");
}
