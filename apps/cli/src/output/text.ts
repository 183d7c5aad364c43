// Control characters, C1's too, and those that turn the direction of writing (Unicode TR 36): they could move the
// cursor, set a title or make text look like another.
// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const escaped = (char: string): string => {
  const code = char.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
};

/** Text that does nothing to a terminal: what could is written as an escape. */
export const safeText = (text: string): string => text.replace(UNSAFE, escaped);

/** JSON that does nothing to a terminal and means the same: it may hold C1 characters as they are, and these do not. */
export const safeJson = (value: unknown, indent = 0): string =>
  JSON.stringify(value, null, indent).replace(UNSAFE, (char) =>
    char === "\n" ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
