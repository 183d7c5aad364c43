import type { Cursor } from "../cursor.ts";
import { bool, bytesField, hex, ipv6Field, protocol, uint } from "../fields.ts";

const fields = {
  option: protocol("ipv6.opt", "Option"),
  type: hex("ipv6.opt.type", "Type", 8),
  action: uint("ipv6.opt.type.action", "Action"),
  change: bool("ipv6.opt.type.change", "May change"),
  low: hex("ipv6.opt.type.rest", "Low-order bits", 8),
  length: uint("ipv6.opt.length", "Length"),
  pad1: protocol("ipv6.opt.pad1", "Pad1"),
  padN: bytesField("ipv6.opt.padn", "PadN"),
  routerAlert: uint("ipv6.opt.router_alert", "Router alert"),
  tunnelLimit: uint("ipv6.opt.tel", "Tunnel encapsulation limit"),
  jumbo: uint("ipv6.opt.jumbo", "Payload length"),
  home: ipv6Field("ipv6.opt.mipv6.home_address", "Home address"),
  experimental: bytesField("ipv6.opt.experimental", "Experimental"),
  unknown: bytesField("ipv6.opt.unknown", "Data"),
};
export const ipv6OptionFields = Object.values(fields);

const PAD1 = 0;
const PADN = 1;
const JUMBO = 0xc2;
/** Of RFC 3692's numbers for experiments: those whose last five bits are 0x1e. */
const EXPERIMENT = 0x1e;

/** Options of a hop-by-hop or destination header, up to `end` (RFC 8200 4.2). */
export function readIpv6Options(cursor: Cursor, end: number): void {
  cursor.within(end - cursor.at, () => {
    while (cursor.left > 0) cursor.group(fields.option, null, () => readOption(cursor));
  });
}

function readOption(cursor: Cursor): void {
  const type = cursor.peek8();
  cursor.parts(fields.type, type, 1, () => {
    cursor.bits(fields.action, type >> 6, 1);
    cursor.bits(fields.change, (type >> 5) & 1, 1);
    cursor.bits(fields.low, type & 31, 1);
  });
  if (type === PAD1) {
    cursor.add(fields.pad1, null, cursor.at - 1, 1);
    return;
  }
  const length = cursor.u8(fields.length);
  cursor.within(length, () => {
    if (type === PADN) cursor.take(fields.padN, length);
    else if (type === 5 && length >= 2) cursor.u16(fields.routerAlert);
    else if (type === 4 && length >= 1) cursor.u8(fields.tunnelLimit);
    else if (type === JUMBO && length >= 4) cursor.u32(fields.jumbo);
    else if (type === 0xc9 && length >= 16) cursor.take(fields.home, 16);
    else if (length > 0) cursor.take((type & 31) === EXPERIMENT ? fields.experimental : fields.unknown, length);
  });
}
