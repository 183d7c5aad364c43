import { data } from "../dissect/data.ts";
import { payloadDissector } from "../dissect/index.ts";
import { Analysis } from "../dissect/tcp/flags.ts";
import type { Dissector } from "../dissect/types.ts";
import { Has } from "./headerIndex.ts";
import { ipEnd } from "./segments.ts";
import type { PacketTable } from "./table.ts";

const RST = 4;
const UDP_BYTES = 8;

/**
 * Which dissector reads what is behind the transport header of a row whose headers are sure: by its ports and first
 * bytes, without taking the packet apart. Null: none does; undefined: only the packet's own tree tells.
 */
export function payloadOf(table: PacketTable, row: number): Dissector | null | undefined {
  const { columns, store } = table;
  const has = columns.has[row] ?? 0;
  const isTcp = (has & Has.tcp) !== 0;
  if ((has & Has.unsure) !== 0 || (!isTcp && (has & Has.udp) === 0)) return undefined;
  const view = store.view(columns.chunk[row] ?? 0);
  const at = columns.offset[row] ?? 0;
  const transport = columns.transport[row] ?? 0;
  const start = at + transport;
  // sent before, or before its turn, or the reason of a reset: no protocol is asked (transport/tcp.ts)
  if (
    isTcp &&
    ((view.getUint8(start + 13) & RST) !== 0 || ((columns.analysis[row] ?? 0) & (Analysis.retransmission | Analysis.outOfOrder)) !== 0)
  )
    return null;
  const from = transport + (isTcp ? (view.getUint8(start + 12) >> 4) * 4 : UDP_BYTES);
  const bytes = table.bytes(row);
  const end = Math.min(bytes.length, ipEnd(view, at, columns.network[row] ?? 0));
  if (from >= end) return null;
  return payloadDissector(isTcp ? "tcp" : "udp", { bytes, at: from, end }, [view.getUint16(start), view.getUint16(start + 2)]);
}

const begins = new Map<Dissector, ReadonlySet<string>>();

/** The first parts of the names of all fields that a dissector, and what it may leave to others, can make. */
export function firstParts(dissector: Dissector): ReadonlySet<string> {
  const known = begins.get(dissector);
  if (known !== undefined) return known;
  const fields = [dissector, data].flatMap(({ layer, fields: own }) => [layer, ...own]);
  const parts = new Set(fields.flatMap(({ name, also = [] }) => [name, ...also]).map((name) => name.split(".")[0] ?? name));
  begins.set(dissector, parts);
  return parts;
}
