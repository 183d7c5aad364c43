import { Cursor, problemOf } from "./cursor.ts";
import { nodeOf, type Node } from "./tree.ts";
import type { Context, Dissection, Dissector, Next, Packet } from "./types.ts";

/** Layers a hostile packet can make us step over; real ones have fewer than ten. */
const MAX_LAYERS = 24;

/** Takes a packet apart from `first` on. Never throws, never reads past the captured bytes. */
export function walk(packet: Packet, first: Dissector | null): Dissection {
  const { bytes, wireLen } = packet;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const context: Context = { packet, source: "", destination: "", sourcePort: 0, destinationPort: 0, protocol: "", info: "" };
  const layers: Node[] = [];
  const budget = { nodes: 0 };
  let next: Next | null = first === null ? null : { dissector: first, at: 0, end: bytes.length, wireEnd: Math.max(wireLen, bytes.length) };
  while (next !== null && layers.length < MAX_LAYERS) {
    const { dissector, at, end, wireEnd }: Next = next;
    const layer = nodeOf(dissector.layer, null, at, 0);
    layers.push(layer);
    const cursor = new Cursor({ bytes, view, at, end: Math.min(end, bytes.length), wireEnd, parent: layer, budget });
    try {
      next = dissector.read(cursor, layer, context);
    } catch (error) {
      layer.problem = problemOf(error);
      if (layer.problem === null) throw error;
      next = null;
    }
    layer.length = Math.max(0, Math.min(cursor.at, end) - at);
  }
  const { protocol, source, destination, info } = context;
  return { layers, protocol, source, destination, info };
}
