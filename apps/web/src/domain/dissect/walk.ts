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
  const outer: Opened[] = [];
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
    outer.push(opened);
    readBehind(outer);
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

/** The innermost layer has said where it ends: what is behind it belongs to the next outer layer that wants it. */
function readBehind(opened: readonly Opened[]): void {
  const from = opened.at(-1)?.cursor.wireEnd ?? 0;
  let i = opened.length - 2;
  while (i > 0 && opened[i]?.dissector.endsWithPayload === true) i--;
  const outer = opened[i];
  if (outer?.dissector.behind === undefined || from < outer.cursor.at || from >= outer.cursor.end) return;
  outer.cursor.at = from;
  guarded(outer.layer, () => outer.dissector.behind?.(outer.cursor));
}

const contextOf = (packet: Packet, tables: Tables): Context => ({
  packet,
  tables,
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
