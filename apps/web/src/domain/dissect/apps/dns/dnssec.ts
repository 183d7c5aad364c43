import type { Cursor } from "../../cursor.ts";
import { dnssec, record } from "./fields.ts";
import { takeName, type Names } from "./name.ts";

/** RFC 4034 5.1. */
export function readDs(cursor: Cursor, end: number): void {
  cursor.u16(dnssec.keyTag);
  cursor.u8(dnssec.dsAlgorithm);
  cursor.u8(dnssec.digestType);
  cursor.take(dnssec.digest, end - cursor.at);
}

/** RFC 4034 3.1; times count from 1970. */
export function readRrsig(cursor: Cursor, end: number, names: Names): void {
  cursor.u16(dnssec.covered);
  cursor.u8(dnssec.sigAlgorithm);
  cursor.u8(dnssec.labels);
  cursor.u32(dnssec.originalTtl);
  for (const field of [dnssec.expiration, dnssec.inception]) {
    cursor.add(field, BigInt(cursor.peek32()) * 1_000_000_000n, cursor.at, 4);
    cursor.skip(4);
  }
  cursor.u16(dnssec.sigKeyTag);
  takeName(cursor, dnssec.signer, names);
  if (end > cursor.at) cursor.take(dnssec.signature, end - cursor.at);
}

/** RFC 4034 2.1. */
export function readDnskey(cursor: Cursor, end: number): void {
  const from = cursor.at;
  const flags = cursor.peek16();
  cursor.parts(dnssec.keyFlags, flags, 2, () => {
    cursor.bits(dnssec.zoneKey, (flags >> 8) & 1, 2);
    cursor.bits(dnssec.revoked, (flags >> 7) & 1, 2);
    cursor.bits(dnssec.secureEntryPoint, flags & 1, 2);
    cursor.bits(dnssec.keyReserved, (flags & 0xfe7e) >> 1, 2);
  });
  cursor.u8(dnssec.keyProtocol);
  const algorithm = cursor.u8(dnssec.keyAlgorithm);
  cursor.need(end - cursor.at);
  cursor.generated(dnssec.keyId, keyTag(cursor.bytes.subarray(from, end), algorithm));
  cursor.take(dnssec.publicKey, end - cursor.at);
}

/** RFC 4034 appendix B: over the whole record data. */
function keyTag(data: Uint8Array, algorithm: number): number {
  if (algorithm === 1) return ((data.at(-3) ?? 0) << 8) | (data.at(-2) ?? 0);
  let sum = 0;
  data.forEach((byte, i) => (sum += i % 2 === 0 ? byte << 8 : byte));
  return (sum + ((sum >>> 16) & 0xffff)) & 0xffff;
}

/** RFC 4034 4.1. */
export function readNsec(cursor: Cursor, end: number, names: Names): void {
  takeName(cursor, dnssec.next, names);
  readTypes(cursor, end);
}

const BASE32_HEX = "0123456789abcdefghijklmnopqrstuv";

/** RFC 5155 3.2; the hash is shown in base32hex, as owner names have it. */
export function readNsec3(cursor: Cursor, end: number): void {
  cursor.u8(dnssec.hash);
  const flags = cursor.peek8();
  cursor.parts(dnssec.nsec3Flags, flags, 1, () => cursor.bits(dnssec.optOut, flags & 1, 1));
  cursor.u16(dnssec.iterations);
  cursor.take(dnssec.salt, cursor.u8(dnssec.saltLength));
  const length = cursor.u8(dnssec.hashLength);
  cursor.need(length);
  if (length > 0) cursor.add(dnssec.hashValue, base32(cursor.bytes.subarray(cursor.at, cursor.at + length)), cursor.at, length);
  cursor.skip(length);
  readTypes(cursor, end);
}

function base32(bytes: Uint8Array): string {
  let text = "";
  let [value, bits] = [0, 0];
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += BASE32_HEX[(value >> (bits - 5)) & 31] ?? "";
  }
  return bits === 0 ? text : text + (BASE32_HEX[(value << (5 - bits)) & 31] ?? "");
}

/** The types that exist at a name: windows of 256 with up to 32 bytes of bits each (RFC 4034 4.1.2). */
function readTypes(cursor: Cursor, end: number): void {
  while (cursor.at < end) {
    const [window, length] = [cursor.peek8(), cursor.peek8(1)];
    cursor.skip(2);
    for (let i = 0; i < length; i++) {
      const bits = cursor.peek8();
      for (let bit = 0; bit < 8; bit++) if ((bits & (0x80 >> bit)) !== 0) cursor.bits(record.type, window * 256 + i * 8 + bit, 1);
      cursor.skip(1);
    }
  }
}
