import type { Cursor } from "../cursor.ts";
import { bytesField } from "../fields.ts";
import type { Context } from "../types.ts";

export const paddingField = bytesField("eth.padding", "Padding");

/** Least length of a frame without its check sequence (IEEE 802.3 3.2.8). */
const SHORTEST = 60;

/** Zeros up to the least length of a frame. */
export function readPadding(cursor: Cursor, { frameAt }: Context): void {
  const pad = Math.min(frameAt + SHORTEST, cursor.end) - cursor.at;
  if (pad > 0 && cursor.bytes.subarray(cursor.at, cursor.at + pad).every((byte) => byte === 0)) cursor.take(paddingField, pad);
}
