import { parseErrors } from "@sonde/protocol";
import { dissect } from "./dissect/index.ts";
import { bool, protocol, textField, uint, type FieldDef, type FieldValue } from "./dissect/fields.ts";
import { nodeOf, type Node } from "./dissect/tree.ts";
import { recordLinkType } from "./packets/records.ts";
import type { RecordRef } from "./record.ts";
import * as rec from "./record.ts";

const frameLayer = protocol("frame", "Frame");
const fields = {
  time: textField("frame.time", "Time"),
  interface: textField("frame.interface_name", "Interface"),
  direction: textField("frame.direction", "Direction"),
  length: uint("frame.len", "Length"),
  captured: uint("frame.cap_len", "Captured"),
  segments: uint("frame.segments", "Wire packets"),
  hook: textField("frame.hook", "Taken by"),
  sampled: textField("frame.sampled", "Sampled"),
  malformed: textField("frame.malformed", "Malformed"),
};
const vlanLayer = protocol("vlan", "VLAN");
const vlanFields = {
  id: uint("vlan.id", "ID"),
  priority: uint("vlan.priority", "Priority"),
  dropEligible: bool("vlan.dei", "Drop eligible"),
};
const hooks = ["unknown hook", "TCX", "clsact", "XDP, native", "XDP, generic", "packet socket"] as const;

/** What the record itself says of the packet, then its layers from the outermost in. Ranges are of the captured bytes. */
export function recordLayers(r: RecordRef, frame: { readonly interfaceName: string; readonly time: string }): readonly Node[] {
  const { buffer, byteOffset, byteLength } = rec.captured(r);
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  const { layers } = dissect({ bytes, wireLen: rec.wireLen(r), linkType: recordLinkType(r), facts: null });
  const tag = rec.hasFlag(r, "vlanMeta") ? [tagOf(rec.vlanTci(r))] : [];
  return [frameOf(r, frame), ...tag, ...layers];
}

const fact = (field: FieldDef, value: FieldValue): Node => nodeOf(field, value, 0, 0);

function frameOf(r: RecordRef, { interfaceName, time }: { readonly interfaceName: string; readonly time: string }): Node {
  const way = rec.direction(r) === 1 ? "in" : rec.direction(r) === 2 ? "out" : "direction unknown";
  const error = rec.parseErr(r);
  const node = fact(frameLayer, null);
  node.summary = `${rec.wireLen(r)} bytes on ${interfaceName}, ${way}`;
  node.children.push(
    fact(fields.time, time),
    fact(fields.interface, interfaceName),
    fact(fields.direction, way),
    fact(fields.length, rec.wireLen(r)),
    fact(fields.captured, rec.capLen(r)),
    fact(fields.segments, rec.gsoSegs(r)),
    fact(fields.hook, hooks[rec.hook(r)] ?? "unknown hook"),
    fact(fields.sampled, rec.sampleN(r) <= 1 ? "every packet" : `1 in ${rec.sampleN(r)}`),
  );
  if (error !== 0) node.children.push(fact(fields.malformed, (parseErrors[error] ?? String(error)).replaceAll("_", " ")));
  return node;
}

/** The outer tag, which the kernel keeps beside the frame: it is not among the bytes. */
function tagOf(tci: number): Node {
  const node = fact(vlanLayer, null);
  node.summary = `ID ${tci & 0xfff}, priority ${tci >> 13}, kept beside the frame by the kernel`;
  node.children.push(
    fact(vlanFields.id, tci & 0xfff),
    fact(vlanFields.priority, tci >> 13),
    fact(vlanFields.dropEligible, (tci >> 12) & 1),
  );
  return node;
}
