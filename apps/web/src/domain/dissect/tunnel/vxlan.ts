import { bool, hex, protocol, uint } from "../fields.ts";
import { ethernet } from "../link/ethernet.ts";
import { rest } from "../next.ts";
import type { Dissector } from "../types.ts";

const layer = protocol("vxlan", "VXLAN");
const fields = {
  flags: hex("vxlan.flags", "Flags", 16),
  policy: bool("vxlan.flag_g", "Group policy"),
  valid: bool("vxlan.flag_i", "VNI present"),
  dontLearn: bool("vxlan.flag_d", "Don't learn"),
  applied: bool("vxlan.flag_a", "Policy applied"),
  reservedFlags: hex("vxlan.flags_reserved", "Reserved", 16),
  group: uint("vxlan.gbp", "Group policy ID"),
  vni: uint("vxlan.vni", "VNI"),
  reserved: uint("vxlan.reserved8", "Reserved"),
};

/** VXLAN (RFC 7348), with the bits of its group policy extension. */
export const vxlan: Dissector = {
  layer,
  fields: Object.values(fields),
  read(cursor, node, context) {
    context.protocol = "VXLAN";
    const flags = cursor.peek16();
    cursor.parts(fields.flags, flags, 2, () => {
      cursor.bits(fields.policy, flags >> 15, 2);
      cursor.bits(fields.valid, (flags >> 11) & 1, 2);
      cursor.bits(fields.dontLearn, (flags >> 6) & 1, 2);
      cursor.bits(fields.applied, (flags >> 3) & 1, 2);
      cursor.bits(fields.reservedFlags, flags & 0x77b7, 2);
    });
    cursor.u16(fields.group);
    const vni = cursor.u24(fields.vni);
    cursor.u8(fields.reserved);
    node.summary = `VNI ${vni}`;
    context.info = node.summary;
    return rest(ethernet, cursor);
  },
};
