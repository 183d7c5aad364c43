import { concat, number } from "./payload.ts";

/** Parts behind their length, a number of `size` bytes. */
export const vector = (size: number, ...parts: readonly Uint8Array[]): Uint8Array => {
  const body = concat(...parts);
  return concat(number(body.length, size), body);
};
export const record = (type: number, body: Uint8Array, version = 0x0303): Uint8Array =>
  concat(number(type, 1), number(version, 2), vector(2, body));
export const message = (type: number, body: Uint8Array): Uint8Array => concat(number(type, 1), vector(3, body));
export const extension = (type: number, body: Uint8Array): Uint8Array => concat(number(type, 2), vector(2, body));
