import { Cursor, problemOf } from "./cursor.ts";
import { nodeOf, type Node } from "./tree.ts";
import type { Context, Dissection, Dissector, Next, Packet, Tables } from "./types.ts";

/** Layers a hostile packet can make us step over; real ones have fewer than ten. */
const MAX_LAYERS = 24;

type Opened = { readonly dissector: Dissector; readonly layer: Node; readonly cursor: Cursor };

/** Takes a packet apart from `first` on. Never throws, never reads past the captured bytes. */
export function walk(packet: Packet, first: Dissector | null, tables: Tables): Dissection {
  const { bytes, wireLen } = packet;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const context = contextOf(packet, tables);
  const layers: Node[] = [];
  const budget = { nodes: 0 };
  let said: Dissection | null = null;
  let outer: Opened | null = null;
  let next: Next | null = first === null ? null : { dissector: first, at: 0, end: bytes.length, wireEnd: Math.max(wireLen, bytes.length) };
  while (next !== null && layers.length < MAX_LAYERS) {
    const { dissector, at, end, wireEnd }: Next = next;
    if (at >= end && (dissector === tables.data || at >= wireEnd)) break;
    if (context.quoted) said ??= dissectionOf(layers, context);
    const layer = nodeOf(dissector.layer, null, at, 0);
    layers.push(layer);
    const opened: Opened = {
      dissector,
      layer,
      cursor: new Cursor({ bytes, view, at, end: Math.min(end, bytes.length), wireEnd, parent: layer, budget }),
    };
    next = guarded(layer, () => dissector.read(opened.cursor, layer, context));
    layer.length = Math.max(0, Math.min(opened.cursor.at, end) - at);
    if (outer !== null) readBehind(outer, opened.cursor.wireEnd, context);
    outer = opened;
  }
  return said === null ? dissectionOf(layers, context) : { ...said, layers };
}

function guarded<T>(layer: Node, read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    layer.problem = problemOf(error);
    if (layer.problem === null) throw error;
    return null;
  }
}

/** What lies behind the payload of a layer, from where the payload has said that it ends. */
function readBehind({ dissector, layer, cursor }: Opened, from: number, context: Context): void {
  if (dissector.behind === undefined || from < cursor.at || from >= cursor.end) return;
  cursor.at = from;
  guarded(layer, () => dissector.behind?.(cursor, context));
}

const contextOf = (packet: Packet, tables: Tables): Context => ({
  packet,
  tables,
  frameAt: 0,
  network: null,
  quoted: false,
  source: "",
  destination: "",
  sourcePort: 0,
  destinationPort: 0,
  protocol: "",
  info: "",
});

function dissectionOf(layers: readonly Node[], { protocol, source, destination, info }: Context): Dissection {
  return { layers, protocol, source, destination, info };
}
