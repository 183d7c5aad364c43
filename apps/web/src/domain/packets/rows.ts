import type { Dissection } from "../dissect/types.ts";
import { Has } from "./headerIndex.ts";
import type { RowPredicate } from "./predicate.ts";
import type { PacketTable } from "./table.ts";
import type { PacketDetail, PacketRow, StreamId } from "./types.ts";

type Seen = { readonly dissection: Dissection; readonly previous: number | null; readonly colours: readonly (RowPredicate | null)[] };

/** A packet as the list shows it; `previous` is the row shown before it. */
export function packetRow(table: PacketTable, row: number, { dissection, previous, colours }: Seen): PacketRow {
  const { source, destination, protocol, info } = dissection;
  const found = table.interfaces[table.columns.interfaceId[row] ?? 0];
  const colour = colours.findIndex((takes) => takes?.(row) ?? false);
  return {
    number: table.firstNumber + row,
    timeNs: table.timeNs(row),
    previousNs: previous === null ? null : table.timeNs(previous),
    source,
    destination,
    protocol,
    length: table.columns.wireLen[row] ?? 0,
    info,
    colour: colour < 0 ? null : colour,
    marked: table.marked(row),
    comments: table.comments(row),
    interfaceName: found?.name ?? null,
    host: found?.host ?? null,
    direction: table.direction(row),
  };
}

/** All of a packet. Its bytes are a copy, which the values of the tree share. */
export function packetDetail(table: PacketTable, row: number, seen: Omit<Seen, "dissection">): PacketDetail {
  const bytes = table.bytes(row).slice();
  const dissection = table.dissect(row, bytes);
  return {
    row: packetRow(table, row, { ...seen, dissection }),
    layers: dissection.layers,
    bytes,
    linkType: table.linkType(row),
    zeroNs: table.timeNs(0),
    stream: streamOf(table, row),
  };
}

function streamOf({ columns }: PacketTable, row: number): StreamId | null {
  const has = columns.has[row] ?? 0;
  const number = columns.stream[row] ?? -1;
  if (number < 0) return null;
  return { transport: (has & Has.tcp) === 0 ? "udp" : "tcp", number };
}
