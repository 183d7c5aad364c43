import type { Shape } from "./shapes.ts";

/** A 32-bit value of which the bits in `mask` are known. */
export type Known = { readonly mask: number; readonly value: number };

export const UNKNOWN: Known = { mask: 0, value: 0 };
export const constant = (value: number): Known => ({ mask: 0xffffffff, value: value >>> 0 });
export const isConstant = (known: Known): boolean => known.mask === 0xffffffff;

/** What holds whichever of two ways was taken. */
export function meet(a: Known, b: Known): Known {
  const mask = (a.mask & b.mask & ~(a.value ^ b.value)) >>> 0;
  return { mask, value: (a.value & mask) >>> 0 };
}

export function and(a: Known, b: Known): Known {
  const zeros = (a.mask & ~a.value) | (b.mask & ~b.value);
  const ones = a.value & b.value;
  return { mask: (zeros | ones) >>> 0, value: ones >>> 0 };
}

/** The big-endian value of `size` bytes at `offset`; bits above it are 0. */
export function bytesAt(shape: Shape, offset: number, size: number): Known {
  let mask = size === 4 ? 0 : size === 2 ? 0xffff0000 : 0xffffff00;
  let value = 0;
  for (const [at, bits, byte] of shape.bytes) {
    if (at < offset || at >= offset + size) continue;
    const shift = 8 * (offset + size - 1 - at);
    mask |= bits << shift;
    value |= byte << shift;
  }
  return { mask: mask >>> 0, value: value >>> 0 };
}

/** Whether a comparison of classic BPF holds, or null when that is not known. */
export function decide(operation: number, a: Known, b: Known): boolean | null {
  if (operation === 0x40) {
    if ((a.value & b.value) !== 0) return true;
    return isConstant(b) && (b.value & ~a.mask) === 0 ? false : null;
  }
  if (isConstant(a) && isConstant(b)) {
    if (operation === 0x10) return a.value === b.value;
    return operation === 0x20 ? a.value > b.value : a.value >= b.value;
  }
  const differ = (a.mask & b.mask & (a.value ^ b.value)) !== 0;
  return operation === 0x10 && differ ? false : null;
}
