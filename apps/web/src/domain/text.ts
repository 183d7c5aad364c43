/**
 * Makes text that came from a host or a packet safe to show: control characters, line and direction
 * marks become visible escapes, so that they cannot reorder or hide what stands beside them.
 */
export function visible(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, (char) =>
    `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** One byte as a character of a hex view: printable ASCII, else a dot. */
export function asciiOf(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
}

/** Two lower-case hex digits. */
export function hex2(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
