import { hex2 } from "../../domain/text.ts";

export const streamForms = [
  { value: "text", label: "Text" },
  { value: "hex", label: "Hex" },
] as const;
export type StreamForm = (typeof streamForms)[number]["value"];

/** Bytes of one part that are written out; the file has all of them. */
const MAX_SHOWN = 128 * 1024;
const LINE = 16;

/** UTF-8 where it is, with a dot for every sign that is not one to read. Line breaks stay. */
function readable(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true })
    .decode(bytes)
    .replaceAll("\r\n", "\n")
    .replace(/[^\n\t\P{C}]|[\u2028\u2029\u{FFFD}]/gu, ".");
}

function hexLines(bytes: Uint8Array, from: number): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += LINE) {
    const part = [...bytes.subarray(at, at + LINE)];
    const ascii = part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    lines.push(
      `${(from + at).toString(16).padStart(8, "0")}  ${part
        .map(hex2)
        .join(" ")
        .padEnd(LINE * 3 - 1)}  ${ascii}`,
    );
  }
  return lines.join("\n");
}

/** A stretch of a stream as it is read; `from`: bytes of that side before it. */
export function partText(bytes: Uint8Array, form: StreamForm, from: number): string {
  const shown = bytes.subarray(0, MAX_SHOWN);
  const text = form === "text" ? readable(shown) : hexLines(shown, from);
  return shown.length < bytes.length ? `${text}\n… ${bytes.length - shown.length} more bytes` : text;
}
