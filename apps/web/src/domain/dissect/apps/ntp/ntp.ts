import { ipv4Text } from "../../../address.ts";
import type { Cursor } from "../../cursor.ts";
import { protocol } from "../../fields.ts";
import type { Dissector } from "../../types.ts";
import { ascii } from "../text.ts";
import { readControl } from "./control.ts";
import { common, modes, ntpFields, priv, time } from "./fields.ts";

const CONTROL = 6;
const PRIVATE = 7;
/** Seconds from 1900 to 1970, and those of an era (RFC 5905 6). */
const TO_1970 = 2_208_988_800n;
const ERA = 1n << 32n;
const SMALLEST_EXTENSION = 16;

/** NTP versions 1 to 4 (RFC 5905), control messages (RFC 9327), and the head of ntpd's private ones. */
export const ntp: Dissector = {
  layer: protocol("ntp", "Network Time Protocol"),
  fields: ntpFields,
  read(cursor, layer, context) {
    context.protocol = "NTP";
    const flags = cursor.peek8();
    const [version, mode] = [(flags >> 3) & 7, flags & 7];
    layer.summary = `NTP version ${version}, ${modes.get(mode) ?? ""}`;
    context.info = layer.summary;
    readFlags(cursor, flags, mode);
    if (mode === CONTROL) context.info += `, ${readControl(cursor)}`;
    else if (mode === PRIVATE) context.info += `, ${readPrivate(cursor, flags)}`;
    else readTime(cursor);
    return null;
  },
};

function readFlags(cursor: Cursor, flags: number, mode: number): void {
  cursor.parts(common.flags, flags, 1, () => {
    if (mode === PRIVATE) {
      cursor.bits(priv.response, flags >> 7, 1);
      cursor.bits(priv.more, (flags >> 6) & 1, 1);
    } else cursor.bits(common.leap, flags >> 6, 1);
    cursor.bits(common.version, (flags >> 3) & 7, 1);
    cursor.bits(common.mode, mode, 1);
  });
}

function readPrivate(cursor: Cursor, flags: number): string {
  const sequence = cursor.peek8();
  cursor.parts(priv.sequence, sequence, 1, () => {
    cursor.bits(priv.authenticated, sequence >> 7, 1);
    cursor.bits(priv.number, sequence & 0x7f, 1);
  });
  cursor.u8(priv.implementation);
  const request = cursor.u8(priv.request);
  if (cursor.left > 0) cursor.take(priv.data, cursor.left);
  return `${flags >> 7 === 1 ? "response" : "request"}, code ${request}`;
}

function readTime(cursor: Cursor): void {
  const stratum = cursor.u8(time.stratum);
  cursor.u8(time.poll);
  cursor.u8(time.precision);
  cursor.u32(time.rootDelay);
  cursor.u32(time.rootDispersion);
  cursor.need(4);
  const node = cursor.add(time.reference, cursor.bytes.subarray(cursor.at, cursor.at + 4), cursor.at, 4);
  node.summary = stratum > 1 ? ipv4Text(cursor.view, cursor.at) : ascii(cursor.bytes, cursor.at, 4);
  cursor.skip(4);
  for (const field of [time.referenceTime, time.origin, time.receive, time.transmit]) {
    cursor.need(8);
    cursor.add(field, unixTime(cursor.view.getBigUint64(cursor.at)), cursor.at, 8);
    cursor.skip(8);
  }
  readBehind(cursor);
}

/** Nanoseconds since 1970 of a timestamp of 32 bits of seconds and 32 of fraction; null for 0, which says that it is not known. */
function unixTime(value: bigint): bigint | null {
  if (value === 0n) return null;
  const seconds = value >> 32n;
  // those without the top bit are of the era from 2036 on (RFC 4330 3)
  const since1900 = seconds < ERA / 2n ? seconds + ERA : seconds;
  return (since1900 - TO_1970) * 1_000_000_000n + (((value & (ERA - 1n)) * 1_000_000_000n) >> 32n);
}

/** Extensions (RFC 7822), then key ID and digest. */
function readBehind(cursor: Cursor): void {
  const { bytes, wireEnd } = cursor;
  const lengthAt = (at: number): number => ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  let [behind, last] = [cursor.at, 0];
  while (wireEnd - behind >= SMALLEST_EXTENSION && behind + 4 <= cursor.end) {
    const length = lengthAt(behind);
    if (length < SMALLEST_EXTENSION || length > wireEnd - behind) break;
    behind += length;
    last = length;
  }
  const rest = wireEnd - behind;
  // what is left over is too short for a MAC: it began in what looked like an extension
  if (rest > 0 && rest < 20 && rest !== 4) behind -= last;
  while (cursor.at < behind && cursor.at + 4 <= cursor.end) {
    const length = lengthAt(cursor.at);
    if (length % 4 !== 0) cursor.malformed();
    cursor.group(time.extension, null, () => {
      cursor.u16(time.extensionType);
      cursor.u16(time.extensionLength);
      cursor.take(time.extensionValue, length - 4);
    });
  }
  if (wireEnd - cursor.at >= 4) cursor.take(time.keyId, 4);
  if (wireEnd > cursor.at) cursor.take(time.mac, wireEnd - cursor.at);
}
