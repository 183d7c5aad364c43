import type { Cursor } from "../../cursor.ts";
import { protocol } from "../../fields.ts";
import type { Dissector, Next } from "../../types.ts";
import { serverNameOf } from "./begun.ts";
import { handshake, record, tlsFields } from "./fields.ts";
import { looksEncrypted, newState, readHandshakes, type HandshakeState } from "./handshake.ts";
import { TLS_1_3 } from "./hello.ts";
import { alertLevels, alerts, contentTypes, handshakeTypes, versions } from "./names.ts";

const HEADER_BYTES = 5;
/** RFC 5246 6.2.3, with what some add. */
const MAX_RECORD = 16_384 + 2_048;
const CHANGE_CIPHER_SPEC = 20;
const ALERT = 21;
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;
const TLS_1_0 = 0x0301;
const TLS_1_2 = 0x0303;

/** TLS 1.0 to 1.3 and SSL 3.0 over TCP: records, and what of handshakes is in the clear (RFC 8446, RFC 5246). */
export const tls: Dissector = {
  layer: protocol("tls", "Transport Layer Security"),
  fields: tlsFields,
  read(cursor, layer, context) {
    if (!isRecord(cursor)) return asData(cursor, context.tables.data);
    const words: string[] = [];
    const state = newState();
    let version = versions.get(cursor.peek16(1)) ?? "TLS";
    try {
      while (isRecord(cursor)) {
        const length = cursor.peek16(3);
        if (length > cursor.wireEnd - cursor.at - HEADER_BYTES) {
          words.push(readBegun(cursor));
          break;
        }
        readRecord(cursor, state, words);
        if (state.version !== null) version = versions.get(state.version) ?? version;
      }
    } finally {
      context.protocol = version.replace(" ", "v").replace(".0", "");
      layer.summary = words.join(", ");
      context.info = layer.summary === "" ? context.info : layer.summary;
    }
    return cursor.wireEnd > cursor.at ? asData(cursor, context.tables.data) : null;
  },
};

const asData = ({ at, end, wireEnd }: Cursor, dissector: Dissector): Next => ({ dissector, at, end, wireEnd });

/** Whether a record begins at the cursor. */
const isRecord = ({ bytes, at, end }: Cursor): boolean =>
  end - at >= HEADER_BYTES && contentTypes.has(bytes[at] ?? 0) && bytes[at + 1] === 3 && (bytes[at + 2] ?? 9) <= 3;

function readRecord(cursor: Cursor, state: HandshakeState, words: string[]): void {
  const type = cursor.peek8();
  const group = cursor.group(record.record, null, () => {
    // TLS 1.3 writes 1.2 into its records, and nothing below it (RFC 8446 5.1)
    const version = state.version ?? (cursor.peek16(1) < TLS_1_2 ? TLS_1_0 : null);
    cursor.u8(typeField(type, version));
    cursor.u16(record.version);
    const length = cursor.u16(record.length);
    cursor.within(length, () => {
      const said = readContent(cursor, type, state);
      words.push(...said);
      cursor.parent.summary = said.join(", ");
      cursor.at = cursor.end;
    });
  });
  if (group.summary === "") group.summary = contentTypes.get(type) ?? "";
}

function typeField(type: number, version: number | null): (typeof record)["type"] {
  if (type !== APPLICATION_DATA) return record.type;
  if (version === null) return record.either;
  return version >= TLS_1_3 ? record.opaque : record.type;
}

function readContent(cursor: Cursor, type: number, state: HandshakeState): readonly string[] {
  const length = cursor.wireEnd - cursor.at;
  if (length === 0) return [contentTypes.get(type) ?? ""];
  switch (type) {
    case CHANGE_CIPHER_SPEC:
      cursor.need(1);
      cursor.add(record.changeCipherSpec, null, cursor.at, 1);
      return ["Change Cipher Spec"];
    case ALERT:
      return [readAlert(cursor, length)];
    case HANDSHAKE:
      if (state.pending > 0 || !looksEncrypted(cursor)) return readHandshakes(cursor, state);
      cursor.add(handshake.handshake, null, cursor.at, cursor.left).summary = "encrypted";
      state.version ??= TLS_1_2; // later versions have no such records
      return ["Encrypted Handshake Message"];
    case APPLICATION_DATA:
      cursor.take(record.data, length);
      return ["Application Data"];
    default:
      return [contentTypes.get(type) ?? ""];
  }
}

/** One of two bytes is in the clear. */
function readAlert(cursor: Cursor, length: number): string {
  const node = cursor.group(record.alert, null, () => {
    if (length !== 2) cursor.skip(length);
    else {
      cursor.u8(record.alertLevel);
      cursor.u8(record.alertDescription);
    }
  });
  if (length !== 2) return "Encrypted Alert";
  const [level = 0, description = 0] = cursor.bytes.subarray(cursor.at - 2, cursor.at);
  node.summary = `${alertLevels.get(level) ?? `level ${level}`}, ${alerts.get(description) ?? `description ${description}`}`;
  return `Alert (Level: ${alertLevels.get(level) ?? level}, Description: ${alerts.get(description) ?? description})`;
}

/** A record that later segments end; Wireshark shows it there. The name that a Client Hello asks for is told at once. */
function readBegun(cursor: Cursor): string {
  const [type, first] = [cursor.peek8(), cursor.bytes[cursor.at + HEADER_BYTES]];
  const name = type === HANDSHAKE && first === 1 ? serverNameOf(cursor.bytes, cursor.at + HEADER_BYTES, cursor.end) : null;
  const node = cursor.parts(record.begun, cursor.bytes.subarray(cursor.at, cursor.end), cursor.left, () => {
    if (name !== null) cursor.add(record.begunName, name.text, name.at, name.text.length);
  });
  const what = type === HANDSHAKE ? (handshakeTypes.get(first ?? -1) ?? "Handshake") : (contentTypes.get(type) ?? "");
  node.summary = name === null ? what : `${what} (SNI=${name.text})`;
  return `${node.summary}, begun`;
}

/** Bytes that begin with a record: a handshake or data by its head, others where records fill the payload. */
export function looksLikeTls(bytes: Uint8Array, at: number, end: number): boolean {
  let next = at;
  for (let records = 0; records < 64 && next + HEADER_BYTES <= end; records++) {
    const type = bytes[next] ?? 0;
    const length = ((bytes[next + 3] ?? 0) << 8) | (bytes[next + 4] ?? 0);
    if (!contentTypes.has(type) || bytes[next + 1] !== 3 || (bytes[next + 2] ?? 9) > 3 || length === 0 || length >= MAX_RECORD)
      return false;
    if (type === HANDSHAKE || type === APPLICATION_DATA) return true;
    next += HEADER_BYTES + length;
  }
  return next === end && next > at;
}
