import type { Cursor } from "../../cursor.ts";
import { namesFrom, takeName } from "../dns/name.ts";
import { ascii } from "../text.ts";
import { agent, agentValues, fqdn, header, option } from "./fields.ts";
import { optionName, plainOptions, type Plain } from "./table.ts";

/** Reads the value of an option; the cursor ends where the value does. A length that the kind cannot have leaves it unread. */
export function readValue(cursor: Cursor, code: number): void {
  const plain = plainOptions.get(code);
  if (plain === undefined) readers.get(code)?.(cursor);
  else readPlain(cursor, plain);
}

function readPlain(cursor: Cursor, { kind, field }: Plain): void {
  const { left } = cursor;
  switch (kind) {
    case "ipv4":
      if (left === 4) cursor.take(field, 4);
      break;
    case "ipv4s":
      while (cursor.left >= 4) cursor.take(field, 4);
      break;
    case "text":
      cursor.add(field, ascii(cursor.bytes, cursor.at, left), cursor.at, left);
      break;
    case "bool":
    case "u8":
      if (left === 1) cursor.bits(field, kind === "bool" ? Number(cursor.peek8() !== 0) : cursor.peek8(), 1);
      break;
    case "u16":
      if (left === 2) cursor.u16(field);
      break;
    case "u16s":
      while (cursor.left >= 2) cursor.u16(field);
      break;
    case "u32":
      if (left === 4) cursor.u32(field);
      break;
    case "s32":
      if (left === 4) cursor.bits(field, cursor.peek32() | 0, 4);
  }
}

const readers: ReadonlyMap<number, (cursor: Cursor) => void> = new Map([
  [21, pairs(option.policyAddress, option.policyMask)],
  [33, pairs(option.routeAddress, option.routeRouter)],
  [53, (cursor) => void cursor.u8(option.messageType)],
  [55, readRequested],
  [60, text(option.vendorClass)],
  [61, readClientId],
  [77, readUserClass],
  [81, readFqdn],
  [82, readAgent],
  [93, readArchitectures],
  [94, readNetworkInterface],
  [114, text(option.captivePortal)],
  [119, readSearchList],
  [121, readClasslessRoutes],
  [249, readClasslessRoutes],
]);

function pairs(first: typeof option.policyAddress, second: typeof option.policyAddress): (cursor: Cursor) => void {
  return (cursor) => {
    while (cursor.left >= 8) {
      cursor.take(first, 4);
      cursor.take(second, 4);
    }
  };
}

function text(field: typeof option.vendorClass): (cursor: Cursor) => void {
  return (cursor) => void cursor.add(field, ascii(cursor.bytes, cursor.at, cursor.left), cursor.at, cursor.left);
}

function readRequested(cursor: Cursor): void {
  while (cursor.left > 0) {
    const node = cursor.add(option.requested, cursor.peek8(), cursor.at, 1);
    node.summary = optionName(cursor.peek8());
    cursor.skip(1);
  }
}

const ETHERNET = 1;
const IEEE_802 = 6;

/** RFC 2132 9.14: type and address, or text; RFC 4361 6.1: IAID and DUID. */
function readClientId(cursor: Cursor): void {
  if (cursor.left === 0) return;
  const { left } = cursor;
  const kind = cursor.peek8();
  if (left === 7 && kind > 0 && kind < 48) {
    cursor.u8(header.hardwareType);
    cursor.take(kind === ETHERNET || kind === IEEE_802 ? header.mac : option.uuid, 6);
  } else if (left === 17 && kind === 0) {
    cursor.skip(1);
    cursor.take(option.uuid, 16);
  } else if (kind === 255 && left >= 7) {
    const iaid = cursor.peek32(1).toString(16).padStart(8, "0");
    cursor.add(option.iaid, iaid, cursor.at + 1, 4);
    cursor.skip(5);
    cursor.u16(option.duidType);
    cursor.take(option.duidRest, cursor.left);
  } else if (kind === 0 && left > 1) {
    cursor.u8(option.clientKind);
    text(option.clientText)(cursor);
  }
}

/** RFC 3004 4; what does not add up is a text, as some clients send it. */
function readUserClass(cursor: Cursor): void {
  for (let index = 0; cursor.left > 1; index++) {
    const length = cursor.peek8();
    if (length >= cursor.left) {
      text(option.userClassText)(cursor);
      return;
    }
    cursor.parts(option.userClass, index, length + 1, () => {
      cursor.bits(option.userClassLength, length, 1);
      if (length > 0) cursor.add(option.userClassData, cursor.bytes.subarray(cursor.at + 1, cursor.at + 1 + length), cursor.at + 1, length);
    });
    if (length === 0) return;
  }
}

function readFqdn(cursor: Cursor): void {
  if (cursor.left < 3) return;
  const flags = cursor.peek8();
  cursor.parts(fqdn.flags, flags, 1, () => {
    cursor.bits(fqdn.reserved, flags >> 4, 1);
    cursor.bits(fqdn.noUpdate, (flags >> 3) & 1, 1);
    cursor.bits(fqdn.encoded, (flags >> 2) & 1, 1);
    cursor.bits(fqdn.overridden, (flags >> 1) & 1, 1);
    cursor.bits(fqdn.server, flags & 1, 1);
  });
  cursor.u8(fqdn.result1);
  cursor.u8(fqdn.result2);
  if (cursor.left === 0) return;
  if ((flags & 4) === 0) text(fqdn.name)(cursor);
  else readDnsName(cursor);
}

/** A name as DNS writes it; it may lack the last zero where it is not fully qualified (RFC 4702 2.3.1). */
function readDnsName(cursor: Cursor): void {
  const labels: string[] = [];
  const from = cursor.at;
  while (cursor.left > 0) {
    const length = cursor.peek8();
    cursor.skip(1);
    if (length === 0) break;
    if (length > 63) cursor.malformed();
    labels.push(ascii(cursor.bytes, cursor.at, length));
    cursor.skip(length);
  }
  cursor.add(fqdn.name, labels.join("."), from, cursor.at - from);
}

function readAgent(cursor: Cursor): void {
  while (cursor.left > 1) {
    const [code, length] = [cursor.peek8(), cursor.peek8(1)];
    const field = agentValues.get(code);
    const group = cursor.group(agent.suboption, code, () => {
      cursor.skip(1);
      cursor.u8(agent.length);
      cursor.within(length, () => {
        const { at, left } = cursor;
        cursor.take(agent.value, left);
        if (field?.type === "text") cursor.add(field, ascii(cursor.bytes, at, left), at, left);
        else if (field?.type === "bytes" || (field?.type === "ipv4" && left === 4))
          cursor.add(field, cursor.bytes.subarray(at, at + left), at, left);
      });
    });
    group.summary = field?.label ?? "";
  }
}

function readArchitectures(cursor: Cursor): void {
  while (cursor.left >= 2) cursor.u16(option.architecture);
}

/** RFC 4578 2.2: the type, always 1, and the version of UNDI. */
function readNetworkInterface(cursor: Cursor): void {
  if (cursor.left !== 3 || cursor.peek8() !== 1) return;
  cursor.skip(1);
  cursor.u8(option.networkMajor);
  cursor.u8(option.networkMinor);
}

function readSearchList(cursor: Cursor): void {
  const names = namesFrom(cursor.at);
  while (cursor.left > 0) takeName(cursor, option.searchName, names);
}

/** RFC 3442: the width of the prefix, as many bytes of it as are needed, the router. */
function readClasslessRoutes(cursor: Cursor): void {
  while (cursor.left >= 5) {
    const width = cursor.peek8();
    if (width > 32) return;
    cursor.take(option.classlessRoute, 5 + Math.ceil(width / 8));
  }
}
