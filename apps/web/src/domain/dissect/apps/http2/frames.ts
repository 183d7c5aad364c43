import type { Cursor } from "../../cursor.ts";
import type { FieldDef } from "../../fields.ts";
import { errors, flag, frame, frameTypes, settingFields, settings } from "./fields.ts";
import { addHeaders } from "./headers.ts";
import type { Table } from "./hpack.ts";

const END_HEADERS = 0x04;
const PADDED = 0x08;
const PRIORITY = 0x20;
const ACK = 0x01;

/** By type: the flags it has, each with its bit, and the field for the rest, shifted to the lowest of them. */
type Flags = {
  readonly bits: readonly (readonly [FieldDef, number])[];
  readonly unused: FieldDef;
  readonly mask: number;
  readonly shift: number;
};
const noFlags: Flags = { bits: [], unused: flag.unused, mask: 0xff, shift: 0 };
const flagsByType: ReadonlyMap<number, Flags> = new Map<number, Flags>([
  [
    0,
    {
      bits: [
        [flag.padded, 3],
        [flag.endStream, 0],
      ],
      unused: flag.unusedData,
      mask: 0xf6,
      shift: 1,
    },
  ],
  [
    1,
    {
      bits: [
        [flag.priority, 5],
        [flag.padded, 3],
        [flag.endHeaders, 2],
        [flag.endStream, 0],
      ],
      unused: flag.unusedHeaders,
      mask: 0xd2,
      shift: 1,
    },
  ],
  [4, { bits: [[flag.ackSettings, 0]], unused: flag.unusedSettings, mask: 0xfe, shift: 1 }],
  [
    5,
    {
      bits: [
        [flag.padded, 3],
        [flag.endHeaders, 2],
      ],
      unused: flag.unusedPromise,
      mask: 0xf3,
      shift: 0,
    },
  ],
  [6, { bits: [[flag.ackPing, 0]], unused: flag.unusedPing, mask: 0xfe, shift: 1 }],
  [
    9,
    {
      bits: [
        [flag.padded, 3],
        [flag.endHeaders, 2],
      ],
      unused: flag.unusedContinuation,
      mask: 0xfb,
      shift: 0,
    },
  ],
]);

/** Reads one frame, as far as it is here (RFC 9113 4.1); returns what the list says of it. */
export function readFrame(cursor: Cursor, table: Table): string {
  let words = "";
  const group = cursor.group(frame.stream, null, () => {
    const length = cursor.u24(frame.length);
    const type = cursor.u8(frame.type);
    const flags = cursor.peek8();
    const { bits, unused, mask, shift } = flagsByType.get(type) ?? noFlags;
    cursor.parts(frame.flags, flags, 1, () => {
      cursor.bits(unused, (flags & mask) >> shift, 1);
      for (const [field, bit] of bits) cursor.bits(field, (flags >> bit) & 1, 1);
    });
    const stream = readId(cursor, frame.reserved, frame.streamId);
    const name = frameTypes.get(type) ?? `type ${type}`;
    words = `${name}[${stream}]`;
    cursor.within(Math.min(length, cursor.wireEnd - cursor.at), () => {
      const more = readPayload(cursor, type, flags, table);
      if (more !== "") words += `: ${more}`;
      cursor.at = cursor.end;
    });
  });
  group.summary = words;
  return words;
}

/** A bit that is reserved, and 31 of a stream's number. */
function readId(cursor: Cursor, reserved: FieldDef, field: FieldDef): number {
  const word = cursor.peek32();
  cursor.bits(reserved, word >>> 31, 4);
  cursor.bits(field, word & 0x7fff_ffff, 4);
  cursor.skip(4);
  return word & 0x7fff_ffff;
}

function readPayload(cursor: Cursor, type: number, flags: number, table: Table): string {
  switch (type) {
    case 0:
      return readData(cursor, flags);
    case 1:
      return readHeaders(cursor, flags, table);
    case 2:
      readPriority(cursor);
      return "";
    case 3:
      return errorText(cursor.u32(frame.resetError));
    case 4:
      while (cursor.wireEnd > cursor.at) readSetting(cursor);
      return (flags & ACK) === 0 ? "" : "ACK";
    case 5:
      return readPromise(cursor, flags, table);
    case 6:
      cursor.take((flags & ACK) === 0 ? frame.ping : frame.pong, 8);
      return (flags & ACK) === 0 ? "" : "ACK";
    case 7:
      return readGoaway(cursor);
    case 8:
      readId(cursor, frame.windowReserved, frame.increment);
      return "";
    case 9:
      readPaddedBytes(cursor, flags, frame.continuation, frame.blockPadding);
      return "";
    default:
      if (cursor.wireEnd > cursor.at) cursor.take(frame.unknown, cursor.wireEnd - cursor.at);
      return "";
  }
}

const errorText = (code: number): string => errors.get(code) ?? `error ${code}`;

/** The length of the padding at the end. */
function readPadLength(cursor: Cursor, flags: number): number {
  const padding = (flags & PADDED) === 0 ? 0 : cursor.u8(frame.padLength);
  cursor.generated(frame.padding, padding);
  return padding;
}

/** Bytes and the padding behind them; returns where they lie. */
function readPaddedBytes(cursor: Cursor, flags: number, field: FieldDef, paddingField: FieldDef): readonly [number, number] {
  return readBytes(cursor, readPadLength(cursor, flags), field, paddingField);
}

function readBytes(cursor: Cursor, padding: number, field: FieldDef, paddingField: FieldDef): readonly [number, number] {
  const length = cursor.wireEnd - cursor.at - padding;
  const at = cursor.at;
  if (length < 0) cursor.malformed();
  if (length > 0) cursor.take(field, length);
  if (padding > 0) cursor.take(paddingField, padding);
  return [at, at + length];
}

function readData(cursor: Cursor, flags: number): string {
  readPaddedBytes(cursor, flags, frame.data, frame.dataPadding);
  return "";
}

function readPriority(cursor: Cursor): void {
  const word = cursor.peek32();
  cursor.bits(frame.exclusive, word >>> 31, 4);
  cursor.bits(frame.dependency, word & 0x7fff_ffff, 4);
  cursor.skip(4);
  const weight = cursor.u8(frame.weight);
  cursor.add(frame.realWeight, weight + 1, cursor.at - 1, 1);
}

function readHeaders(cursor: Cursor, flags: number, table: Table): string {
  const padding = readPadLength(cursor, flags);
  if ((flags & PRIORITY) !== 0) readPriority(cursor);
  const [at, end] = readBytes(cursor, padding, frame.block, frame.blockPadding);
  return (flags & END_HEADERS) === 0 ? "" : addHeaders(cursor, at, end, table);
}

function readPromise(cursor: Cursor, flags: number, table: Table): string {
  const padding = readPadLength(cursor, flags);
  readId(cursor, frame.promiseReserved, frame.promised);
  const [at, end] = readBytes(cursor, padding, frame.promiseBlock, frame.blockPadding);
  return (flags & END_HEADERS) === 0 ? "" : addHeaders(cursor, at, end, table);
}

function readSetting(cursor: Cursor): void {
  const id = cursor.peek16();
  const field = settingFields.get(id);
  const group = cursor.group(settings.setting, null, () => {
    cursor.u16(settings.id);
    cursor.u32(field ?? settings.unknown);
  });
  group.summary = field?.label ?? `identifier ${id}`;
}

function readGoaway(cursor: Cursor): string {
  readId(cursor, frame.goawayReserved, frame.lastStream);
  const error = cursor.u32(frame.goawayError);
  if (cursor.wireEnd > cursor.at) cursor.take(frame.debugData, cursor.wireEnd - cursor.at);
  return errorText(error);
}
