const V2 = 0x6b33_43cf;
/** Version 2 while it was a draft. */
const V2_DRAFT = 0x709a_50c4;
const DRAFT = 0xff00_0000;

/** Version 2 numbers its packet types otherwise (RFC 9369 3.2). */
export const isV2 = (version: number): boolean => version === V2 || version === V2_DRAFT;

/** Versions whose long header is that of RFC 9000 17.2: 1, 2, and the drafts from 23 on. */
export const isKnown = (version: number): boolean => version === 1 || isV2(version) || (version >= DRAFT + 23 && version <= DRAFT + 34);

export const versionNames: ReadonlyMap<number, string> = new Map([
  [0, "version negotiation"],
  [1, "1"],
  [V2, "2"],
  [V2_DRAFT, "2 (draft)"],
  ...Array.from({ length: 12 }, (_, i): [number, string] => [DRAFT + 23 + i, `draft ${23 + i}`]),
]);
