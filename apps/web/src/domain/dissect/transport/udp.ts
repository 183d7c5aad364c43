import { Status, statusNames } from "../checksum.ts";
import { bytesField, hex, protocol, uint } from "../fields.ts";
import { rest } from "../next.ts";
import type { Dissector } from "../types.ts";

const layer = protocol("udp", "UDP");
const fields = {
  source: uint("udp.srcport", "Source port", { also: ["udp.port"] }),
  destination: uint("udp.dstport", "Destination port", { also: ["udp.port"] }),
  length: uint("udp.length", "Length"),
  checksum: hex("udp.checksum", "Checksum", 16),
  status: uint("udp.checksum.status", "Checksum status", { names: statusNames }),
  payload: bytesField("udp.payload", "Payload"),
};
const HEADER_BYTES = 8;

/** UDP (RFC 768). */
export const udp: Dissector = {
  layer,
  fields: Object.values(fields),
  read(cursor, node, context) {
    context.protocol = "UDP";
    const start = cursor.at;
    context.sourcePort = cursor.u16(fields.source);
    context.destinationPort = cursor.u16(fields.destination);
    const length = cursor.u16(fields.length);
    const checksum = cursor.u16(fields.checksum);
    cursor.generated(fields.status, checksum === 0 ? Status.absent : Status.unverified);
    node.summary = `${context.sourcePort} → ${context.destinationPort}`;
    // a jumbogram says 0 (RFC 2675 section 4)
    if (length !== 0 && length < HEADER_BYTES) cursor.malformed();
    if (length !== 0) cursor.endAt(start + length);
    context.info = `${node.summary} Len=${cursor.wireEnd - cursor.at}`;
    if (cursor.left > 0) cursor.add(fields.payload, cursor.bytes.subarray(cursor.at, cursor.end), cursor.at, cursor.left);
    return rest(context.tables.payload("udp", cursor, context), cursor);
  },
};
