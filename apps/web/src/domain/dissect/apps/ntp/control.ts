import type { Cursor } from "../../cursor.ts";
import type { FieldDef } from "../../fields.ts";
import { printable } from "../text.ts";
import { control, opcodes } from "./fields.ts";

const READ_STATUS = 1;

/** A part of a status word: its field, how far it is shifted, its bits. */
type Part = readonly [FieldDef, number, number];

const errorStatus: readonly Part[] = [[control.errorStatus, 8, 8]];
const systemStatus: readonly Part[] = [
  [control.systemLeap, 14, 2],
  [control.systemSource, 8, 6],
  [control.systemCount, 4, 4],
  [control.systemCode, 0, 4],
];
const peerStatus: readonly Part[] = [
  [control.peerConfigured, 15, 1],
  [control.peerAuthEnabled, 14, 1],
  [control.peerAuthentic, 13, 1],
  [control.peerReachable, 12, 1],
  [control.peerBroadcast, 11, 1],
  [control.peerSelection, 8, 3],
  [control.peerCount, 4, 4],
  [control.peerCode, 0, 4],
];
const clockStatus: readonly Part[] = [
  [control.clockStatus, 8, 8],
  [control.clockCode, 0, 8],
];

/** Mode 6 behind its first byte (RFC 9327 2); returns what the list says of it. */
export function readControl(cursor: Cursor): string {
  const flags = cursor.peek8();
  const [response, error, opcode] = [flags >> 7 === 1, ((flags >> 6) & 1) === 1, flags & 31];
  cursor.parts(control.flags, flags, 1, () => {
    cursor.bits(control.response, flags >> 7, 1);
    cursor.bits(control.error, (flags >> 6) & 1, 1);
    cursor.bits(control.more, (flags >> 5) & 1, 1);
    cursor.bits(control.opcode, opcode, 1);
  });
  cursor.u16(control.sequence);
  cursor.need(8);
  const association = cursor.peek16(2);
  readStatus(cursor, !response ? [] : error ? errorStatus : statusOf(opcode, association));
  cursor.u16(control.association);
  cursor.u16(control.offset);
  const count = cursor.u16(control.count);
  if (opcode === READ_STATUS && association === 0) readAssociations(cursor, count);
  else if (count > 0) {
    const size = Math.min(count, cursor.left);
    cursor.add(control.data, printable(cursor.bytes.subarray(cursor.at, cursor.at + size)), cursor.at, size);
    cursor.skip(count);
  }
  return `${response ? (error ? "error response" : "response") : "request"}, ${opcodes.get(opcode) ?? `opcode ${opcode}`}`;
}

function statusOf(opcode: number, association: number): readonly Part[] {
  if (opcode === 4 || opcode === 5) return clockStatus;
  if (opcode === READ_STATUS || opcode === 2 || opcode === 3 || opcode === 7) return association === 0 ? systemStatus : peerStatus;
  return [];
}

function readStatus(cursor: Cursor, parts: readonly Part[]): void {
  const status = cursor.peek16();
  cursor.parts(control.status, status, 2, () => {
    for (const [field, shift, bits] of parts) cursor.bits(field, (status >> shift) & ((1 << bits) - 1), 2);
  });
}

/** Pairs of association and its status. */
function readAssociations(cursor: Cursor, count: number): void {
  for (let done = 0; done + 4 <= count; done += 4) {
    cursor.u16(control.association);
    readStatus(cursor, peerStatus);
  }
}
