import { checksumStatus, onesSum, statusNames } from "../checksum.ts";
import type { Cursor } from "../cursor.ts";
import { bool, bytesField, hex, protocol, uint } from "../fields.ts";

const fields = {
  extensions: protocol("icmp.ext", "Extensions"),
  version: uint("icmp.ext.version", "Version"),
  reserved: hex("icmp.ext.res", "Reserved", 12),
  checksum: hex("icmp.ext.checksum", "Checksum", 16),
  status: uint("icmp.ext.checksum.status", "Checksum status", { names: statusNames }),
  length: uint("icmp.ext.length", "Length"),
  class: uint("icmp.ext.class", "Class"),
  type: uint("icmp.ext.ctype", "C-Type"),
  label: uint("icmp.mpls.label", "MPLS label"),
  experimental: uint("icmp.mpls.exp", "Traffic class"),
  bottom: bool("icmp.mpls.s", "Bottom of stack"),
  ttl: uint("icmp.mpls.ttl", "Time to live"),
  data: bytesField("icmp.ext.data", "Data"),
};
export const icmpExtensionFields = Object.values(fields);

/** What a quotation is padded to where its length is not said (RFC 4884 section 5.1). */
const QUOTATION = 128;
const VERSION = 2;
const MPLS_STACK = 1;

/** Extensions behind the quotation at the cursor, which has `length` bytes or 0 where that is not said. */
export function readIcmpExtensions(cursor: Cursor, length: number): void {
  const skip = length === 0 ? QUOTATION : length;
  if (cursor.left < skip + 4 || cursor.peek8(skip) >> 4 !== VERSION) return;
  cursor.at += skip;
  cursor.group(fields.extensions, null, () => {
    const start = cursor.at;
    const word = cursor.peek16();
    cursor.bits(fields.version, word >> 12, 1);
    cursor.bits(fields.reserved, word & 0xfff, 2);
    cursor.at += 2;
    cursor.u16(fields.checksum);
    cursor.generated(fields.status, checksumStatus(onesSum(cursor.bytes, start, cursor.end), cursor.whole));
    while (cursor.left >= 4) readObject(cursor);
  });
}

function readObject(cursor: Cursor): void {
  const length = cursor.u16(fields.length);
  const kind = cursor.u8(fields.class);
  cursor.u8(fields.type);
  if (length < 4) cursor.malformed();
  cursor.within(length - 4, () => {
    if (kind !== MPLS_STACK) {
      if (cursor.left > 0) cursor.take(fields.data, cursor.left);
      return;
    }
    while (cursor.left >= 4) {
      const entry = cursor.peek32();
      cursor.bits(fields.label, entry >>> 12, 3);
      cursor.bits(fields.experimental, (entry >>> 9) & 7, 1, 2);
      cursor.bits(fields.bottom, (entry >>> 8) & 1, 1, 2);
      cursor.at += 3;
      cursor.u8(fields.ttl);
    }
  });
}
