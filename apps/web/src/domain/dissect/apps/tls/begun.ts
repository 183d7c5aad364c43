import { ascii } from "../text.ts";

const HEADER_BYTES = 4;
const VERSION_AND_RANDOM = 2 + 32;

/**
 * The server name in a Client Hello that begins at `at` and of which only a part may be here: its extensions are
 * stepped over as far as they go. Null where it is not among them.
 */
export function serverNameOf(bytes: Uint8Array, at: number, end: number): { readonly text: string; readonly at: number } | null {
  const u8 = (position: number): number => (position < end ? (bytes[position] ?? 0) : 0);
  const u16 = (position: number): number => u8(position) * 256 + u8(position + 1);
  let next = at + HEADER_BYTES + VERSION_AND_RANDOM;
  next += 1 + u8(next);
  next += 2 + u16(next);
  next += 1 + u8(next) + 2;
  while (next + 9 <= end) {
    const length = u16(next + 7);
    if (u16(next) === 0 && next + 9 + length <= end) return { text: ascii(bytes, next + 9, length), at: next + 9 };
    next += 4 + u16(next + 2);
  }
  return null;
}
