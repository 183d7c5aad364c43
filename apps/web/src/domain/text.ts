/**
 * Makes text that came from a host or a packet safe to show: control and format characters, line and
 * direction marks become visible escapes, so that they cannot reorder or hide what stands beside them.
 */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`);
}

/** Two lower-case hex digits. */
export function hex2(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** `1 host`, `3 hosts`. */
export const hostCount = (count: number): string => `${count} ${count === 1 ? "host" : "hosts"}`;
