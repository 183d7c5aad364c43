import { latin1, type Cursor } from "../../cursor.ts";

const LF = 10;
const CR = 13;
/** Longest line that is looked for. */
const MAX_LINE = 16_384;

/** A line: where its text ends, and where the next one begins. */
export type Line = { readonly at: number; readonly textEnd: number; readonly end: number; readonly text: string };

/** The line at the cursor, to what was captured where its end was not; null where nothing is left. Moves nothing. */
export function peekLine({ bytes, at, end }: Cursor): Line | null {
  if (at >= end) return null;
  const limit = Math.min(end, at + MAX_LINE);
  const found = bytes.subarray(at, limit).indexOf(LF);
  const textEnd = found < 0 ? limit : found > 0 && bytes[at + found - 1] === CR ? at + found - 1 : at + found;
  return { at, textEnd, end: found < 0 ? limit : at + found + 1, text: latin1(bytes, at, textEnd - at) };
}

const REQUEST = /^[A-Z][A-Z_-]{1,20} +\S+ +HTTP\/1\.\d$/;
const STATUS = /^HTTP\/1\.\d +\d{3}(?: |$)/;

/** Whether the first line is that of a request or a response, whole. */
export function looksLikeHttp(bytes: Uint8Array, at: number, end: number): boolean {
  const first = bytes[at] ?? 0;
  if (first < 0x41 || first > 0x5a) return false;
  const found = bytes.subarray(at, Math.min(end, at + MAX_LINE)).indexOf(LF);
  if (found < 1) return false;
  const text = latin1(bytes, at, bytes[at + found - 1] === CR ? found - 1 : found);
  return REQUEST.test(text) || STATUS.test(text);
}
