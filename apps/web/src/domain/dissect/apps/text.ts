const utf8Decoder = new TextDecoder("utf-8", { ignoreBOM: true });
/** Longest text that a field shows. */
const MAX_TEXT = 16_384;

const escapes: ReadonlyMap<number, string> = new Map([
  [7, "\\a"],
  [8, "\\b"],
  [9, "\\t"],
  [10, "\\n"],
  [11, "\\v"],
  [12, "\\f"],
  [13, "\\r"],
]);

/** ASCII up to the first NUL; what is no ASCII becomes U+FFFD. */
export function ascii(bytes: Uint8Array, at: number, length: number): string {
  let text = "";
  for (let i = at; i < at + Math.min(length, MAX_TEXT); i++) {
    const byte = bytes[i] ?? 0;
    if (byte === 0) break;
    text += byte < 0x80 ? String.fromCharCode(byte) : "\ufffd";
  }
  return text;
}

/** UTF-8 up to the first NUL. */
export function utf8(bytes: Uint8Array, at: number, length: number): string {
  const text = utf8Decoder.decode(bytes.subarray(at, at + Math.min(length, MAX_TEXT)));
  const nul = text.indexOf("\0");
  return nul < 0 ? text : text.slice(0, nul);
}

/** UTF-8 on one line: control characters as C writes them, \NNN in octal where C has no letter. */
export function printable(bytes: Uint8Array): string {
  let text = "";
  for (const char of utf8Decoder.decode(bytes)) {
    const code = char.charCodeAt(0);
    text += code >= 0x20 && code !== 0x7f ? char : (escapes.get(code) ?? `\\${code.toString(8).padStart(3, "0")}`);
  }
  return text;
}
