import { macText } from "../../../address.ts";
import type { Cursor } from "../../cursor.ts";
import type { Context, Dissector } from "../../types.ts";
import { ascii } from "../text.ts";
import { dhcpFields, header, layerField, option } from "./fields.ts";
import { messageTypes, operations } from "./names.ts";
import { optionName, plainOptions } from "./table.ts";
import { readValue } from "./values.ts";

const MAGIC = 0x63825363;
const OPTIONS_AT = 236;
const NAME_AT = 44;
const FILE_AT = 108;
/** What BOOTP has in place of the cookie and the options (RFC 951 3). */
const VENDOR_BYTES = 64;
const PAD = 0;
const OVERLOAD = 52;
const MESSAGE_TYPE = 53;
const END = 255;
const ETHERNET = 1;
const IEEE_802 = 6;

/** What must be known before the fields are read: options that stand behind them. */
type Early = { readonly messageType: number | null; readonly overload: number };
type State = { readonly start: number; overload: number };

/** DHCP and BOOTP (RFC 2131 2, RFC 2132). */
export const dhcp: Dissector = {
  layer: layerField,
  fields: [...dhcpFields, ...Array.from(plainOptions.values(), ({ field }) => field)],
  read(cursor, layer, context) {
    const start = cursor.at;
    const early = lookAhead(cursor);
    context.protocol = early.messageType === null ? "BOOTP" : "DHCP";
    describe(cursor, context, early);
    layer.summary = context.info;
    readHeader(cursor, early);
    if (early.messageType === null) cursor.generated(header.bootp, 1);
    cursor.need(4);
    if (cursor.peek32() === MAGIC) cursor.take(header.cookie, 4);
    else cursor.take(header.vendor, VENDOR_BYTES);
    const ended = readOptions(cursor, { start, overload: early.overload });
    const behind = cursor.wireEnd - cursor.at;
    if (ended && behind > 0) cursor.take(option.padding, behind);
    return null;
  },
};

/** A payload long enough for options, with the cookie before them. */
export const hasCookie = (bytes: Uint8Array, at: number, end: number): boolean =>
  end - at >= OPTIONS_AT + 4 && new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(OPTIONS_AT) === MAGIC;

/** The message type and the overload option, as far as what was captured goes. */
function lookAhead({ bytes, at, end }: Cursor): Early {
  let [messageType, overload]: [number | null, number] = [null, 0];
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, Math.max(0, end - at));
  const magic = view.byteLength >= OPTIONS_AT + 4 && view.getUint32(OPTIONS_AT) === MAGIC;
  let next = OPTIONS_AT + (magic ? 4 : VENDOR_BYTES);
  while (next < view.byteLength) {
    const code = view.getUint8(next);
    if (code === END) break;
    if (code === PAD) {
      next++;
      continue;
    }
    if (next + 2 > view.byteLength) break;
    const length = view.getUint8(next + 1);
    if (length > 0 && next + 2 + length <= view.byteLength) {
      if (code === MESSAGE_TYPE) messageType = view.getUint8(next + 2);
      if (code === OVERLOAD) overload = view.getUint8(next + 2);
    }
    next += 2 + length;
  }
  return { messageType, overload };
}

function describe(cursor: Cursor, context: Context, { messageType }: Early): void {
  const operation = cursor.peek8();
  if (messageType !== null) {
    cursor.need(8);
    context.info = `DHCP ${messageTypes.get(messageType) ?? `message type ${messageType}`} - Transaction ID 0x${cursor.peek32(4).toString(16)}`;
  } else if (operation === 1 && cursor.left >= 34) context.info = `Boot request from ${macText(cursor.view, cursor.at + 28)}`;
  else context.info = operations.get(operation) ?? `Unknown BOOTP message type (${operation})`;
}

function readHeader(cursor: Cursor, { overload }: Early): void {
  const start = cursor.at;
  cursor.u8(header.type);
  const kind = cursor.u8(header.hardwareType);
  const length = cursor.u8(header.hardwareLength);
  cursor.u8(header.hops);
  cursor.u32(header.id);
  const seconds = cursor.peek16();
  // some clients write it little-endian: a whole number of 256 seconds is one that did
  cursor.bits(header.seconds, seconds !== 0 && (seconds & 0xff) === 0 ? seconds >> 8 : seconds, 2);
  cursor.skip(2);
  const flags = cursor.peek16();
  cursor.parts(header.flags, flags, 2, () => {
    cursor.bits(header.broadcast, flags >> 15, 2);
    cursor.bits(header.reserved, flags & 0x7fff, 2);
  });
  for (const field of [header.client, header.your, header.server, header.relay]) cursor.take(field, 4);
  if (length > 0 && length <= 16) {
    if ((kind === ETHERNET || kind === IEEE_802) && length === 6) cursor.take(header.mac, 6);
    else cursor.take(header.hardwareAddress, length);
    if (length < 16) cursor.take(header.hardwarePadding, 16 - length);
  }
  cursor.at = start + NAME_AT;
  for (const [field, size, bit] of [[header.serverName, FILE_AT - NAME_AT, 2] as const, [header.file, OPTIONS_AT - FILE_AT, 1] as const]) {
    cursor.need(size);
    if ((overload & bit) === 0) cursor.add(field, ascii(cursor.bytes, cursor.at, size), cursor.at, size);
    cursor.skip(size);
  }
}

/** Options up to the end; true once the end option was read. */
function readOptions(cursor: Cursor, state: State): boolean {
  while (cursor.wireEnd > cursor.at) {
    const code = cursor.peek8();
    if (code === PAD) readPadding(cursor);
    else if (code === END) {
      const node = cursor.parts(option.type, 0, 1, () => cursor.bits(option.end, END, 1));
      node.summary = "End";
      return true;
    } else {
      const node = cursor.group(option.type, code, () => readOption(cursor, code, state));
      node.summary = optionName(code);
    }
  }
  return false;
}

function readOption(cursor: Cursor, code: number, state: State): void {
  cursor.skip(1);
  const length = cursor.u8(option.length);
  cursor.within(length, () => {
    const from = cursor.at;
    cursor.take(option.value, cursor.left);
    cursor.at = from;
    if (code === OVERLOAD) readOverload(cursor, state);
    else readValue(cursor, code);
  });
}

function readPadding(cursor: Cursor): void {
  let length = 1;
  while (cursor.at + length < cursor.end && cursor.bytes[cursor.at + length] === 0) length++;
  const node = cursor.parts(option.type, 0, length, () => {
    cursor.add(option.padding, cursor.bytes.subarray(cursor.at, cursor.at + length), cursor.at, length);
  });
  node.summary = "Padding";
}

/** RFC 2132 9.3: the fields for names hold options too. */
function readOverload(cursor: Cursor, state: State): void {
  const fields = cursor.u8(option.overload);
  if (state.overload === 0) return;
  state.overload = 0;
  const behind = cursor.at;
  const areas = [
    { at: state.start + NAME_AT, end: state.start + FILE_AT, bit: 2 },
    { at: state.start + FILE_AT, end: state.start + OPTIONS_AT, bit: 1 },
  ];
  for (const { at, end } of areas.filter(({ bit }) => (fields & bit) !== 0)) {
    cursor.at = at;
    cursor.within(end - at, () => readOptions(cursor, state));
  }
  cursor.at = behind;
}
