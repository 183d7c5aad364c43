/** Option codes used here; the same number means different things in different blocks. */
export const OptionCode = {
  end: 0,
  comment: 1,
  hardware: 2,
  os: 3,
  application: 4,
  interfaceName: 2,
  interfaceDescription: 3,
  interfaceFilter: 11,
  timestampResolution: 9,
  timestampOffset: 14,
  startTime: 2,
  endTime: 3,
  received: 4,
  dropped: 5,
} as const;

export type Options = {
  bytes(code: number): Uint8Array | null;
  text(code: number): string | null;
  u64(code: number): bigint | null;
  i64(code: number): bigint | null;
};

const utf8 = new TextDecoder();

/** Reads options (u16 code, u16 length, value padded to 4) until their end or `to`; a cut-off one is left out. */
export function readOptions(view: DataView, from: number, to: number, little: boolean): Options {
  const found = new Map<number, { at: number; length: number }>();
  let at = from;
  while (at + 4 <= to) {
    const code = view.getUint16(at, little);
    const length = view.getUint16(at + 2, little);
    if (code === OptionCode.end || at + 4 + length > to) break;
    if (!found.has(code)) found.set(code, { at: at + 4, length });
    at += 4 + ((length + 3) & ~3);
  }
  const bytes = (code: number): Uint8Array | null => {
    const option = found.get(code);
    return option ? new Uint8Array(view.buffer, view.byteOffset + option.at, option.length) : null;
  };
  const wide = (code: number): number | null => {
    const option = found.get(code);
    return option && option.length === 8 ? option.at : null;
  };
  return {
    bytes,
    text: (code) => {
      const value = bytes(code);
      return value ? utf8.decode(value) : null;
    },
    u64: (code) => {
      const place = wide(code);
      return place === null ? null : view.getBigUint64(place, little);
    },
    i64: (code) => {
      const place = wide(code);
      return place === null ? null : view.getBigInt64(place, little);
    },
  };
}
