import { encryptBlock, expandKey, openUnchecked } from "./aes.ts";
import { hmacUnder, joined } from "./sha256.ts";
import { isV2 } from "./versions.ts";

/** Where the parts of an Initial packet lie in the datagram. */
export type Sealed = {
  readonly version: number;
  /** The destination connection ID: the client's first one makes the keys. */
  readonly dcid: Uint8Array;
  readonly headerAt: number;
  readonly numberAt: number;
  readonly end: number;
};
export type Opened = { readonly number: number; readonly numberLength: number; readonly plain: Uint8Array };

const encoder = new TextEncoder();
const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** RFC 9001 5.2, RFC 9369 3.3.1, and those of the drafts. */
const salts = {
  v1: hex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a"),
  v2: hex("0dede3def700a6db819381be6e269dcbf9bd2ed9"),
  draft29: hex("afbfec289993d24c9e9786f19c6111e04390a899"),
  draft23: hex("c3eef712c72ebb5a11a7d2432bb46365bef9f502"),
};
const DRAFT = 0xff00_0000;
/** Bits of the first byte that are 0 once protection is off (RFC 9000 17.2). */
const RESERVED = 0x0c;
const SAMPLE_BYTES = 16;
const TAG_BYTES = 16;
/** Longest packet that is opened: one of a usual datagram. */
const MAX_BYTES = 2_048;

function saltOf(version: number): Uint8Array | null {
  if (version === 1) return salts.v1;
  if (isV2(version)) return salts.v2;
  const draft = version - DRAFT;
  if (draft >= 33 && draft <= 34) return salts.v1;
  if (draft >= 29 && draft <= 32) return salts.draft29;
  return draft >= 23 && draft <= 28 ? salts.draft23 : null;
}

/** RFC 8446 7.1, for lengths of up to 32 bytes. */
function expandLabel(hmac: (message: Uint8Array) => Uint8Array, label: string, length: number): Uint8Array {
  const name = encoder.encode(`tls13 ${label}`);
  const info = joined(Uint8Array.of(0, length, name.length), name, Uint8Array.of(0, 1));
  return hmac(info).subarray(0, length);
}

/**
 * Opens a client's first Initial packet, whose keys anyone can derive (RFC 9001 5.2). Of another one null, or noise: the
 * tag is not checked, as that takes longer than all else; see `areFrames`.
 */
export function openInitial(bytes: Uint8Array, { version, dcid, headerAt, numberAt, end }: Sealed): Opened | null {
  const salt = saltOf(version);
  if (salt === null || end - numberAt < 4 + SAMPLE_BYTES || end - headerAt > MAX_BYTES) return null;
  const secret = hmacUnder(expandLabel(hmacUnder(hmacUnder(salt)(dcid)), "client in", 32));
  const prefix = isV2(version) ? "quicv2" : "quic";
  const mask = new Uint8Array(SAMPLE_BYTES);
  const sample = new DataView(bytes.buffer, bytes.byteOffset + numberAt + 4, SAMPLE_BYTES);
  encryptBlock(expandKey(expandLabel(secret, `${prefix} hp`, 16)), sample, 0, new DataView(mask.buffer), 0);
  const firstByte = (bytes[headerAt] ?? 0) ^ ((mask[0] ?? 0) & 0x0f);
  const numberLength = (firstByte & 3) + 1;
  if ((firstByte & RESERVED) !== 0) return null;
  let number = 0;
  for (let i = 0; i < numberLength; i++) number = number * 256 + ((bytes[numberAt + i] ?? 0) ^ (mask[1 + i] ?? 0));
  const nonce = Uint8Array.from(expandLabel(secret, `${prefix} iv`, 12));
  for (let i = 0; i < 4; i++) nonce[11 - i] = (nonce[11 - i] ?? 0) ^ (Math.floor(number / 256 ** i) & 0xff);
  const from = numberAt + numberLength;
  if (end - from < TAG_BYTES) return null;
  const plain = openUnchecked(expandLabel(secret, `${prefix} key`, 16), nonce, bytes.subarray(from, end - TAG_BYTES));
  return { number, numberLength, plain };
}
