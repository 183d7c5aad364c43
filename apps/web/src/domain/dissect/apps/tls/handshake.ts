import type { Cursor } from "../../cursor.ts";
import type { FieldDef } from "../../fields.ts";
import { readAlgorithm, readAlgorithms, type Hello } from "./extensions.ts";
import { handshake } from "./fields.ts";
import { readClientHello, readServerHello, TLS_1_3 } from "./hello.ts";
import { handshakeTypes } from "./names.ts";

const HEADER_BYTES = 4;
const NAMED_CURVE = 3;
const TLS_1_2 = 0x0303;
/** Object identifier of the extension for timestamps in certificates, 1.3.6.1.4.1.11129.2.4.2, as DER has it. */
const TIMESTAMPS = Uint8Array.of(0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x04, 0x02);

/** What earlier messages of the packet told. */
export type HandshakeState = {
  /** Bytes of a message that later records of the packet bring. */
  pending: number;
  /** Agreed on; null where nothing in the packet tells. */
  version: number | null;
  /** Certificates were read that hold timestamps of logs (RFC 6962 3.3). */
  stamped: boolean;
};

/** The state before the first record of a packet. */
export const newState = (version: number | null = null): HandshakeState => ({ pending: 0, version, stamped: false });

/** Whether the next bytes are no handshake in the clear: a type that is not, or a length that none has. */
export function looksEncrypted({ view, at, wireEnd, end }: Cursor): boolean {
  const length = wireEnd - at;
  if (length < 16 || end - at < 5) return false;
  if (view.getUint32(at) === 0 && view.getUint8(at + 4) === 0) return true; // an explicit nonce that counts from 0
  return !handshakeTypes.has(view.getUint8(at)) || view.getUint8(at + 1) !== 0;
}

/** Reads the messages of a record, or of QUIC's CRYPTO frames; returns what the list says of each. */
export function readHandshakes(cursor: Cursor, state: HandshakeState): readonly string[] {
  const words: string[] = [];
  const behind = Math.min(state.pending, cursor.wireEnd - cursor.at);
  if (behind > 0) {
    fragment(cursor, behind).summary = "goes on from the record before";
    state.pending -= behind;
  }
  while (cursor.wireEnd > cursor.at) {
    const rest = cursor.wireEnd - cursor.at;
    const size = rest < HEADER_BYTES ? rest + 1 : HEADER_BYTES + (cursor.peek32() & 0xff_ffff);
    const name = handshakeTypes.get(cursor.peek8()) ?? "Encrypted Handshake Message";
    if (size <= rest) words.push(readMessage(cursor, size, state));
    else {
      fragment(cursor, rest).summary = `${name}, goes on in later records`;
      if (words.length === 0) words.push(`${name} (fragment)`);
      state.pending = size - rest;
    }
  }
  return words;
}

function fragment(cursor: Cursor, length: number): ReturnType<Cursor["add"]> {
  const captured = Math.min(length, cursor.left);
  const node = cursor.add(handshake.handshake, null, cursor.at, captured);
  cursor.skip(length);
  return node;
}

function readMessage(cursor: Cursor, size: number, state: HandshakeState): string {
  const type = cursor.peek8();
  const hello: Hello = { serverName: null };
  const name = handshakeTypes.get(type) ?? `Handshake type ${type}`;
  const group = cursor.group(handshake.handshake, null, () =>
    cursor.within(size, () => {
      cursor.u8(handshake.type);
      cursor.u24(handshake.length);
      readBody(cursor, type, hello, state);
    }),
  );
  group.summary = hello.serverName === null ? name : `${name} (SNI=${hello.serverName})`;
  return group.summary;
}

function readBody(cursor: Cursor, type: number, hello: Hello, state: HandshakeState): void {
  switch (type) {
    case 1:
      readClientHello(cursor, hello, state.version === TLS_1_3);
      break;
    case 2:
      state.version = readServerHello(cursor, hello);
      break;
    case 4:
      cursor.u32(handshake.lifetime);
      cursor.take(handshake.ticket, cursor.u16(handshake.ticketLength));
      break;
    case 11:
      readCertificates(cursor, state);
      break;
    case 12:
      readServerKey(cursor, state);
      break;
    case 13:
      readCertificateRequest(cursor, state);
      break;
    case 15:
      readSignature(cursor, state, { length: handshake.verifyLength, bytes: handshake.verify });
      break;
    default:
      readRest(cursor);
  }
}

/** RFC 5246 7.4.2; those of TLS 1.3 are encrypted. */
function readCertificates(cursor: Cursor, state: HandshakeState): void {
  const length = cursor.u24(handshake.certificatesLength);
  if (length === 0) return;
  cursor.group(handshake.certificates, null, () =>
    cursor.within(length, () => {
      while (cursor.wireEnd > cursor.at) {
        const certificate = cursor.take(handshake.certificate, cursor.u24(handshake.certificateLength));
        state.stamped ||= holds(certificate, TIMESTAMPS);
      }
    }),
  );
}

function holds(bytes: Uint8Array, part: Uint8Array): boolean {
  const first = part[0] ?? 0;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1))
    if (part.every((byte, i) => bytes[at + i] === byte)) return true;
  return false;
}

/** RFC 5246 7.4.4; before TLS 1.2 without the algorithms. */
function readCertificateRequest(cursor: Cursor, { version }: HandshakeState): void {
  const count = cursor.u8(handshake.certificateTypesCount);
  cursor.group(handshake.certificateTypes, null, () =>
    cursor.within(count, () => {
      while (cursor.wireEnd > cursor.at) cursor.u8(handshake.certificateType);
    }),
  );
  if (version === null || version === TLS_1_2) readAlgorithms(cursor);
  cursor.u16(handshake.namesLength);
  readRest(cursor);
}

const readRest = (cursor: Cursor): void => {
  if (cursor.wireEnd > cursor.at) cursor.take(handshake.body, cursor.wireEnd - cursor.at);
};

/** A signature to the end of the message, with its algorithm before it from TLS 1.2 on: its length tells. */
function readSignature(cursor: Cursor, { stamped }: HandshakeState, signature: { length: FieldDef; bytes: FieldDef }): void {
  const rest = cursor.wireEnd - cursor.at;
  if (rest >= 4 && cursor.peek16(2) === rest - 4) {
    if (stamped) cursor.u16(handshake.signedWith);
    else readAlgorithm(cursor);
  } else if (rest < 2 || cursor.peek16() !== rest - 2) return readRest(cursor);
  cursor.take(signature.bytes, cursor.u16(signature.length));
}

/** RFC 8422 5.4, where its lengths say that it is one with a named curve; else bytes. */
function readServerKey(cursor: Cursor, state: HandshakeState): void {
  const rest = cursor.wireEnd - cursor.at;
  const signatureAt = rest < 8 || cursor.peek8() !== NAMED_CURVE ? rest : 4 + cursor.peek8(3);
  const signed = rest - signatureAt;
  const fits = signed >= 4 && (cursor.peek16(signatureAt + 2) === signed - 4 || cursor.peek16(signatureAt) === signed - 2);
  if (!fits) return readRest(cursor);
  cursor.u8(handshake.curveType);
  cursor.u16(handshake.namedCurve);
  cursor.take(handshake.serverPoint, cursor.u8(handshake.serverPointLength));
  readSignature(cursor, state, { length: handshake.signatureLength, bytes: handshake.signature });
}
