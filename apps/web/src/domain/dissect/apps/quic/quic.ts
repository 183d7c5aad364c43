import type { Cursor } from "../../cursor.ts";
import { protocol } from "../../fields.ts";
import type { Dissector } from "../../types.ts";
import { tlsFields } from "../tls/fields.ts";
import { takeVarint } from "../varint.ts";
import { packet, packetTypes, packetTypesV2, quicFields } from "./fields.ts";
import { areFrames, readFrames } from "./frames.ts";
import { openInitial } from "./initial.ts";
import { isKnown, isV2 } from "./versions.ts";

/** Packets of one datagram that are told apart. */
const MAX_PACKETS = 16;
const MAX_CID_BYTES = 20;
const TAG_BYTES = 16;
/** First byte, and what header protection samples (RFC 9001 5.4.2). */
const SHORTEST = 1 + 4 + 16;

/** QUIC 1, 2 and late drafts (RFC 9000): headers, and what a client's first packet holds, for which anyone has the key. */
export const quic: Dissector = {
  layer: protocol("quic", "QUIC"),
  fields: [...quicFields, ...tlsFields],
  read(cursor, layer, context) {
    context.protocol = "QUIC";
    const words: string[] = [];
    const datagram: Datagram = { packets: 0, cidLength: null };
    try {
      for (; datagram.packets < MAX_PACKETS && cursor.wireEnd > cursor.at; datagram.packets++) {
        if (datagram.packets > 0 && cursor.left > 0 && cursor.peek8() < 0x40) break; // padding of the datagram
        cursor.group(packet.packet, null, (group) => {
          group.summary = readPacket(cursor, datagram);
          words.push(group.summary);
        });
      }
    } finally {
      context.info = words.join("; ");
      layer.summary = context.info;
    }
    return null;
  },
};

/** What earlier packets of a datagram tell: all of them have the same destination (RFC 9000 12.2). */
type Datagram = { packets: number; cidLength: number | null };

/** Reads one packet; returns what the list says of it. */
function readPacket(cursor: Cursor, datagram: Datagram): string {
  const byte = cursor.peek8();
  if (byte < 0x80) return readShort(cursor, byte, datagram);
  const version = cursor.peek32(1);
  return version === 0 ? readNegotiation(cursor, byte) : readLong(cursor, byte, version, datagram);
}

/** RFC 9000 17.3: it does not say how long its connection ID is, and all else is protected. */
function readShort(cursor: Cursor, byte: number, { cidLength }: Datagram): string {
  cursor.generated(packet.length, cursor.wireEnd - cursor.at);
  cursor.bits(packet.form, 0, 1);
  cursor.bits(packet.fixed, (byte >> 6) & 1, 1);
  cursor.bits(packet.spin, (byte >> 5) & 1, 1);
  cursor.skip(1);
  let id = "";
  if (cidLength !== null && cidLength > 0) id = `, DCID=${hexText(cursor.take(packet.dcid, cidLength))}`;
  if (cursor.wireEnd > cursor.at) cursor.take(cidLength === null ? packet.sealed : packet.remaining, cursor.wireEnd - cursor.at);
  return `Protected Payload${id}`;
}

/** RFC 9000 17.2.1. */
function readNegotiation(cursor: Cursor, byte: number): string {
  cursor.generated(packet.length, cursor.wireEnd - cursor.at);
  cursor.bits(packet.form, 1, 1);
  cursor.bits(packet.unused, byte & 0x7f, 1);
  cursor.skip(1);
  cursor.u32(packet.version);
  const ids = readIds(cursor, 255);
  while (cursor.wireEnd > cursor.at) cursor.u32(packet.supported);
  return `Version Negotiation, ${ids.text}`;
}

type Ids = { readonly dcid: Uint8Array; readonly text: string };

function readIds(cursor: Cursor, limit: number): Ids {
  const read = (lengthField: typeof packet.dcil, field: typeof packet.dcid): Uint8Array => {
    const length = cursor.u8(lengthField);
    if (length > limit) cursor.malformed();
    return length === 0 ? new Uint8Array() : cursor.take(field, length);
  };
  const dcid = read(packet.dcil, packet.dcid);
  const scid = read(packet.scil, packet.scid);
  const shown = [dcid.length > 0 ? `DCID=${hexText(dcid)}` : "", scid.length > 0 ? `SCID=${hexText(scid)}` : ""];
  return { dcid, text: shown.filter((word) => word !== "").join(", ") };
}

const hexText = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** RFC 9000 17.2.2 to 17.2.5. */
function readLong(cursor: Cursor, byte: number, version: number, datagram: Datagram): string {
  const headerAt = cursor.at;
  const v2 = isV2(version);
  const bits = (byte >> 4) & 3;
  const type = (v2 ? packetTypesV2 : packetTypes).get(bits) ?? "";
  const size = cursor.generated(packet.length, cursor.wireEnd - cursor.at);
  cursor.bits(packet.form, 1, 1);
  if (type !== "Retry") cursor.bits(packet.fixed, (byte >> 6) & 1, 1);
  cursor.bits(v2 ? packet.typeV2 : packet.type, bits, 1);
  cursor.skip(1);
  cursor.u32(packet.version);
  const ids = readIds(cursor, MAX_CID_BYTES);
  datagram.cidLength = ids.dcid.length;
  const words = [type, ids.text].filter((word) => word !== "");
  if (type === "Retry") {
    readRetry(cursor);
    return words.join(", ");
  }
  if (type === "Initial") {
    const length = takeVarint(cursor, packet.tokenLength);
    if (length > 0) cursor.take(packet.token, length);
  }
  const length = takeVarint(cursor, packet.payloadLength);
  size.value = cursor.at + length - headerAt;
  const sealed = { version, dcid: ids.dcid, headerAt, numberAt: cursor.at, end: cursor.at + length };
  cursor.within(length, () => {
    if (type !== "Initial") cursor.take(packet.remaining, length);
    else if (datagram.packets > 0 || !cursor.whole || !readInitial(cursor, sealed, words)) cursor.take(packet.sealed, length);
  });
  return words.join(", ");
}

function readRetry(cursor: Cursor): void {
  const length = cursor.wireEnd - cursor.at - TAG_BYTES;
  if (length < 0) cursor.malformed();
  if (length > 0) cursor.take(packet.retryToken, length);
  cursor.take(packet.retryTag, TAG_BYTES);
}

/** Opens the packet and reads what is in it; false where its key is not to be had from it. */
function readInitial(cursor: Cursor, sealed: Parameters<typeof openInitial>[1], words: string[]): boolean {
  const opened = openInitial(cursor.bytes, sealed);
  if (opened === null || !areFrames(opened.plain)) return false;
  cursor.add(packet.reserved, 0, sealed.headerAt, 1);
  cursor.add(packet.numberLength, opened.numberLength - 1, sealed.headerAt, 1);
  cursor.add(packet.number, opened.number, cursor.at, opened.numberLength);
  words.push(`PKN: ${opened.number}`);
  cursor.skip(opened.numberLength);
  const from = cursor.at;
  cursor.take(packet.payload, cursor.left);
  const bytes = Uint8Array.from(cursor.bytes);
  bytes.set(opened.plain, from);
  words.push(...readFrames(cursor.over(bytes, from, from + opened.plain.length)));
  return true;
}

/** A long header of a known version with connection IDs that fit. */
export function looksLikeQuic(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < SHORTEST || (bytes[at] ?? 0) < 0x80) return false;
  const version = new DataView(bytes.buffer, bytes.byteOffset + at, 5).getUint32(1);
  const dcil = bytes[at + 5] ?? 255;
  const scil = bytes[at + 6 + dcil] ?? 255;
  const fit = dcil <= MAX_CID_BYTES && scil <= MAX_CID_BYTES && at + 7 + dcil + scil <= end;
  if (version === 0) return fit && (end - at - 7 - dcil - scil) % 4 === 0 && end - at > 7 + dcil + scil;
  return fit && isKnown(version);
}

/** A short header: its two top bits, and length enough for a sample. */
export const looksLikeShortQuic = (bytes: Uint8Array, at: number, end: number): boolean =>
  end - at >= SHORTEST && (bytes[at] ?? 0) >> 6 === 1;
