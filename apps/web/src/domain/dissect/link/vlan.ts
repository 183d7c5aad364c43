import { etherTypes } from "../../names.ts";
import type { Cursor } from "../cursor.ts";
import { bool, bytesField, hex, protocol, uint, type FieldDef } from "../fields.ts";
import type { Context, Dissector } from "../types.ts";
import { readPadding } from "./padding.ts";
import { readTypeOrLength } from "./etherType.ts";

const layer = protocol("vlan", "VLAN");
const fields = {
  priority: uint("vlan.priority", "Priority"),
  dropEligible: bool("vlan.dei", "Drop eligible"),
  id: uint("vlan.id", "ID"),
  type: hex("vlan.etype", "Type", 16, { names: etherTypes }),
  length: uint("vlan.len", "Length"),
  trailer: bytesField("vlan.trailer", "Trailer"),
};
const serviceLayer = protocol("ieee8021ad", "VLAN, service");
const serviceFields = {
  priority: uint("ieee8021ad.priority", "Priority"),
  dropEligible: bool("ieee8021ad.dei", "Drop eligible"),
  id: uint("ieee8021ad.id", "ID"),
};
/** IDs of two service tags in a row, which Wireshark takes for one layer. */
const pairFields = { service: uint("ieee8021ad.svid", "Service ID"), customer: uint("ieee8021ad.cvid", "Customer ID") };
const SERVICE = 0x88a8;
/** Of the type behind a service tag, which is Wireshark's of another protocol. */
const serviceType = {
  type: hex("ieee8021ah.etype", "Type", 16, { names: etherTypes }),
  length: uint("ieee8021ah.len", "Length"),
  trailer: bytesField("ieee8021ah.trailer", "Trailer"),
};

/** One tag of 802.1Q: TCI, then the type of what follows. */
export const vlan: Dissector = {
  layer,
  fields: Object.values(fields),
  read(cursor, node, context) {
    context.protocol = "VLAN";
    node.summary = readTag(cursor, fields);
    context.info = node.summary;
    return readTypeOrLength(cursor, fields, context);
  },
  behind: readBehind(fields.trailer),
};

/** The outer tag of 802.1ad. */
export const serviceVlan: Dissector = {
  layer: serviceLayer,
  fields: [...Object.values(serviceFields), ...Object.values(pairFields), ...Object.values(serviceType)],
  read(cursor, node, context) {
    context.protocol = "802.1ad";
    if (cursor.left >= 4 && cursor.peek16(2) === SERVICE) {
      const outer = readTag(cursor, { ...serviceFields, id: pairFields.service });
      cursor.skip(2);
      node.summary = `${outer}; ${readTag(cursor, { ...serviceFields, id: pairFields.customer })}`;
    } else node.summary = readTag(cursor, serviceFields);
    context.info = node.summary;
    return readTypeOrLength(cursor, serviceType, context);
  },
  behind: readBehind(serviceType.trailer),
};

function readTag(cursor: Cursor, { priority, dropEligible, id }: typeof serviceFields): string {
  const tci = cursor.peek16();
  cursor.bits(priority, tci >> 13, 2);
  cursor.bits(dropEligible, (tci >> 12) & 1, 2);
  cursor.bits(id, tci & 0xfff, 2);
  cursor.at += 2;
  return `ID ${tci & 0xfff}, priority ${tci >> 13}`;
}

function readBehind(trailer: FieldDef) {
  return (cursor: Cursor, context: Context): void => {
    readPadding(cursor, context);
    if (cursor.left > 0) cursor.take(trailer, cursor.left);
  };
}
