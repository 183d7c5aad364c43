/** pcapng blocks by hand in either byte order, also those that our writer does not write. */

/** Numbers of a block's fixed part and of options; `[value, bytes]`. */
type Fixed = readonly (readonly [value: number | bigint, width: 1 | 2 | 4 | 8])[];
type Option = readonly [code: number, value: Uint8Array];

export type Blocks = {
  readonly section: (options?: readonly Option[]) => Uint8Array;
  readonly interface: (linkType: number, snaplen: number, options?: readonly Option[]) => Uint8Array;
  readonly enhanced: (interfaceId: number, ticks: bigint, bytes: Uint8Array, options?: readonly Option[]) => Uint8Array;
  readonly obsolete: (interfaceId: number, ticks: bigint, bytes: Uint8Array, options?: readonly Option[]) => Uint8Array;
  readonly simple: (wireLen: number, bytes: Uint8Array) => Uint8Array;
  readonly statistics: (interfaceId: number, options: readonly Option[]) => Uint8Array;
  readonly other: (type: number, body: Uint8Array) => Uint8Array;
  readonly number: (value: number | bigint, width: 1 | 2 | 4 | 8) => Uint8Array;
  /** A time in an option: the higher half first in either order. */
  readonly time: (ticks: bigint) => Uint8Array;
};

export function blocksOf(little: boolean): Blocks {
  const number = (value: number | bigint, width: 1 | 2 | 4 | 8): Uint8Array => {
    const bytes = new Uint8Array(width);
    const view = new DataView(bytes.buffer);
    if (width === 1) view.setUint8(0, Number(value));
    else if (width === 2) view.setUint16(0, Number(value), little);
    else if (width === 4) view.setUint32(0, Number(value), little);
    else view.setBigInt64(0, BigInt(value), little);
    return bytes;
  };
  const fixed = (parts: Fixed): Uint8Array => Buffer.concat(parts.map(([value, width]) => number(value, width)));
  const padded = (bytes: Uint8Array): Uint8Array => Buffer.concat([bytes, new Uint8Array(-bytes.length & 3)]);
  const listed = (options: readonly Option[] = []): Uint8Array =>
    Buffer.concat([
      ...options.map(([code, value]) => Buffer.concat([number(code, 2), number(value.length, 2), padded(value)])),
      options.length === 0 ? new Uint8Array(0) : number(0, 4),
    ]);
  const block = (type: number, ...parts: readonly Uint8Array[]): Uint8Array => {
    const body = padded(Buffer.concat(parts));
    const length = number(12 + body.length, 4);
    return Buffer.concat([number(type, 4), length, body, length]);
  };
  const halves = (ticks: bigint): Uint8Array => Buffer.concat([number(ticks >> 32n, 4), number(ticks & 0xffff_ffffn, 4)]);
  const lengths = (bytes: Uint8Array): Uint8Array => Buffer.concat([number(bytes.length, 4), number(bytes.length, 4), padded(bytes)]);
  return {
    section: (options) =>
      block(
        0x0a0d0d0a,
        fixed([
          [0x1a2b3c4d, 4],
          [1, 2],
          [0, 2],
          [-1n, 8],
        ]),
        listed(options),
      ),
    interface: (linkType, snaplen, options) =>
      block(
        1,
        fixed([
          [linkType, 2],
          [0, 2],
          [snaplen, 4],
        ]),
        listed(options),
      ),
    enhanced: (id, ticks, bytes, options) => block(6, number(id, 4), halves(ticks), lengths(bytes), listed(options)),
    obsolete: (id, ticks, bytes, options) => block(2, number(id, 2), number(7, 2), halves(ticks), lengths(bytes), listed(options)),
    simple: (wireLen, bytes) => block(3, number(wireLen, 4), bytes),
    statistics: (id, options) => block(5, number(id, 4), halves(0n), listed(options)),
    other: (type, body) => block(type, body),
    number,
    time: halves,
  };
}
