/** Files in the other byte order, made of little-endian ones: what a big-endian machine would have written. */

/** A classic pcap file. */
export function swappedPcap(file: Uint8Array): Uint8Array {
  const [from, to] = [viewOf(file), viewOf(Uint8Array.from(file))];
  swap(from, to, 0, [4, 2, 2, 4, 4, 4, 4]);
  for (let at = 24; at < file.length; at += 16 + from.getUint32(at + 8, true)) swap(from, to, at, [4, 4, 4, 4]);
  return new Uint8Array(to.buffer);
}

/** Widths of the numbers with which a block's body begins, by its type. */
const fixed: Readonly<Record<number, readonly Width[]>> = {
  0x0a0d0d0a: [4, 2, 2, 8],
  1: [2, 2, 4],
  3: [4],
  5: [4, 4, 4],
  6: [4, 4, 4, 4, 4],
};
/** Options that are one number of all their bytes, and those that are two of 32 bits, by type of block. */
const wide: Readonly<Record<number, readonly number[]>> = { 1: [8, 14], 5: [4, 5, 6, 7, 8], 6: [2, 4] };
const halves: Readonly<Record<number, readonly number[]>> = { 5: [2, 3] };
type Width = 2 | 4 | 8;

/** A pcapng file of section, interface, enhanced and simple packet and statistics blocks. */
export function swappedPcapng(file: Uint8Array): Uint8Array {
  const [from, to] = [viewOf(file), viewOf(Uint8Array.from(file))];
  for (let at = 0; at < file.length; at += from.getUint32(at + 4, true)) {
    const type = from.getUint32(at, true);
    const length = from.getUint32(at + 4, true);
    const numbers = fixed[type];
    if (numbers === undefined) throw new Error(`a block of type ${type} is not expected`);
    swap(from, to, at, [4, 4, ...numbers]);
    swap(from, to, at + length - 4, [4]);
    const data = type === 6 ? (from.getUint32(at + 20, true) + 3) & ~3 : 0;
    const options = at + 8 + numbers.reduce((sum, width) => sum + width, 0) + data;
    if (type !== 3) swapOptions(from, to, { at: options, end: at + length - 4, type });
  }
  return new Uint8Array(to.buffer);
}

function swapOptions(from: DataView, to: DataView, { at, end, type }: { at: number; end: number; type: number }): void {
  while (at + 4 <= end) {
    const [code, length] = [from.getUint16(at, true), from.getUint16(at + 2, true)];
    swap(from, to, at, [2, 2]);
    if (wide[type]?.includes(code)) swap(from, to, at + 4, length === 8 ? [8] : [4]);
    if (halves[type]?.includes(code)) swap(from, to, at + 4, [4, 4]);
    at += 4 + ((length + 3) & ~3);
  }
}

function swap(from: DataView, to: DataView, at: number, widths: readonly Width[]): void {
  for (const width of widths) {
    if (width === 2) to.setUint16(at, from.getUint16(at, true));
    else if (width === 4) to.setUint32(at, from.getUint32(at, true));
    else to.setBigUint64(at, from.getBigUint64(at, true));
    at += width;
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
