import { bytesField, protocol, uint } from "./fields.ts";
import type { Dissector } from "./types.ts";

// Wireshark knows more protocols, and what it does not know begins elsewhere
const layer = protocol("data", "Data", { ours: true });
const fields = { data: bytesField("data.data", "Data", { ours: true }), length: uint("data.len", "Length", { ours: true }) };

/** A payload that nobody knows. */
export const data: Dissector = {
  layer,
  fields: Object.values(fields),
  read(cursor, node) {
    const length = cursor.left;
    node.summary = `${length} ${length === 1 ? "byte" : "bytes"}`;
    cursor.take(fields.data, length);
    cursor.generated(fields.length, length);
    return null;
  },
};
