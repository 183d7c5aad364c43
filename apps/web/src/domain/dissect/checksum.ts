import type { Network } from "./types.ts";

/** Values of *.checksum.status. */
export const Status = { bad: 0, good: 1, unverified: 2, absent: 3 } as const;
export const statusNames: ReadonlyMap<number, string> = new Map([
  [Status.bad, "Bad"],
  [Status.good, "Good"],
  [Status.unverified, "Unverified"],
  [Status.absent, "Not present"],
]);

/** Sum of 16-bit words as RFC 1071 wants it, not complemented; right sums with the checksum in place give 0xffff. */
export function onesSum(bytes: Uint8Array, at: number, end: number, start = 0): number {
  let sum = start;
  for (let i = at; i + 1 < end; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  if ((end - at) % 2 === 1) sum += (bytes[end - 1] ?? 0) << 8;
  return folded(sum);
}

function folded(sum: number): number {
  let left = sum;
  while (left > 0xffff) left = (left & 0xffff) + Math.floor(left / 0x1_0000);
  return left;
}

/** Of a sum over all that a checksum covers, itself included; unverified where not all of it is there. */
export function checksumStatus(sum: number, whole: boolean): number {
  if (!whole) return Status.unverified;
  return folded(sum) === 0xffff ? Status.good : Status.bad;
}

/** Sum of the pseudo header of RFC 9293 3.1 and RFC 8200 8.1. */
export function pseudoSum({ source, destination }: Network, ipProtocol: number, length: number): number {
  const ends = onesSum(destination, 0, destination.length, onesSum(source, 0, source.length));
  return ends + ipProtocol + (length >>> 16) + (length & 0xffff);
}
