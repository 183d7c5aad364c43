import { etherTypes } from "../../names.ts";
import type { Cursor } from "../cursor.ts";
import { bool, bytesField, hex, protocol, uint } from "../fields.ts";
import { afterEtherType } from "../next.ts";
import type { Dissector } from "../types.ts";

const layer = protocol("geneve", "Geneve");
const fields = {
  version: uint("geneve.version", "Version"),
  length: uint("geneve.option.length", "Length"),
  flags: hex("geneve.flags", "Flags", 8),
  oam: bool("geneve.flags.oam", "Operations and maintenance"),
  critical: bool("geneve.flags.critical", "Critical options"),
  reservedFlags: bool("geneve.flags.reserved", "Reserved"),
  proto: hex("geneve.proto_type", "Protocol", 16, { names: etherTypes }),
  vni: uint("geneve.vni", "VNI"),
  reserved: hex("geneve.reserved", "Reserved", 8),
  options: bytesField("geneve.options", "Options"),
  option: bytesField("geneve.option", "Option"),
  class: hex("geneve.option.class", "Class", 16),
  type: hex("geneve.option.type", "Type", 8),
  criticalOption: bool("geneve.option.type.critical", "Critical"),
  optionFlags: hex("geneve.option.flags", "Flags", 8),
  optionReserved: bool("geneve.option.flags.reserved", "Reserved"),
  data: bytesField("geneve.option.unknown.data", "Data"),
};
const OPTION_HEAD = 4;

/** Geneve (RFC 8926). */
export const geneve: Dissector = {
  layer,
  fields: Object.values(fields),
  read(cursor, node, context) {
    context.protocol = "Geneve";
    const first = cursor.peek8();
    const length = (first & 63) * 4;
    cursor.bits(fields.version, first >> 6, 1);
    if (first >> 6 !== 0) cursor.malformed();
    cursor.bits(fields.length, length, 1);
    cursor.at++;
    const flags = cursor.peek8();
    cursor.parts(fields.flags, flags, 1, () => {
      cursor.bits(fields.oam, flags >> 7, 1);
      cursor.bits(fields.critical, (flags >> 6) & 1, 1);
      cursor.bits(fields.reservedFlags, (flags & 63) === 0 ? 0 : 1, 1);
    });
    const type = cursor.u16(fields.proto);
    const vni = cursor.u24(fields.vni);
    cursor.u8(fields.reserved);
    node.summary = `VNI ${vni}`;
    context.info = node.summary;
    if (length > 0) {
      const value = cursor.bytes.subarray(cursor.at, Math.min(cursor.at + length, cursor.end));
      cursor.group(fields.options, value, () =>
        cursor.within(length, () => {
          while (cursor.left > 0) readOption(cursor);
        }),
      );
    }
    return afterEtherType(type, cursor, context);
  },
};

/** One option; of one that is longer than there is room for all that is left, because what follows the options is known all the same. */
function readOption(cursor: Cursor): void {
  const room = cursor.wireEnd - cursor.at;
  if (room < OPTION_HEAD || (cursor.left >= OPTION_HEAD && (cursor.peek8(3) & 31) * 4 + OPTION_HEAD > room)) {
    cursor.take(fields.option, room);
    return;
  }
  const length = (cursor.peek8(3) & 31) * 4 + OPTION_HEAD;
  const value = cursor.bytes.subarray(cursor.at, Math.min(cursor.at + length, cursor.end));
  cursor.group(fields.option, value, () =>
    cursor.within(length, () => {
      cursor.u16(fields.class);
      const type = cursor.u8(fields.type);
      cursor.add(fields.criticalOption, type >> 7, cursor.at - 1, 1);
      const flags = cursor.peek8();
      cursor.add(fields.optionFlags, flags >> 5, cursor.at, 1);
      cursor.bits(fields.optionReserved, flags >> 5 === 0 ? 0 : 1, 1);
      cursor.bits(fields.length, length, 1);
      cursor.at++;
      if (cursor.left > 0) cursor.take(fields.data, cursor.left);
    }),
  );
}
