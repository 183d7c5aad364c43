import { bytesField, protocol, uint } from "./fields.ts";
import type { Dissector } from "./types.ts";

const layer = protocol("data", "Data");
const fields = { data: bytesField("data.data", "Data"), length: uint("data.len", "Length") };

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
