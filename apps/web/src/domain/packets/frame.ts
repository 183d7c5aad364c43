import { Meta } from "./columns.ts";
import { Has } from "./headerIndex.ts";
import type { FrameColumn, FrameText } from "./fields.ts";
import type { PacketTable } from "./table.ts";

/** A number that the table knows of every packet; direction 0 and stream −1 are none. */
export function frameNumber(column: FrameColumn, table: PacketTable): (row: number) => number {
  const { columns } = table;
  switch (column) {
    case "number":
      return (row) => table.firstNumber + row;
    case "length":
      return (row) => columns.wireLen[row] ?? 0;
    case "captured":
      return (row) => columns.capLen[row] ?? 0;
    case "epoch":
      return (row) => (columns.seconds[row] ?? 0) + (columns.nanoseconds[row] ?? 0) / 1e9;
    case "relative":
      return (row) => table.since(row, 0);
    case "delta":
      return (row) => (row === 0 ? 0 : table.since(row, row - 1));
    case "interfaceId":
      return (row) => columns.interfaceId[row] ?? 0;
    case "marked":
      return (row) => (((columns.meta[row] ?? 0) & Meta.marked) === 0 ? 0 : 1);
    case "direction":
      return (row) => (columns.meta[row] ?? 0) & Meta.direction;
    case "udpStream":
      return (row) => (((columns.has[row] ?? 0) & Has.udp) === 0 ? -1 : (columns.stream[row] ?? -1));
  }
}

const none: readonly string[] = [];

/** Texts that the table knows; of an interface they are worked out once. */
export function frameTexts({ column, key }: { column: FrameText; key: string }, table: PacketTable): (row: number) => readonly string[] {
  if (column === "comment") return (row) => table.comments(row);
  const known = new Map<number, readonly string[]>();
  return (row) => {
    const id = table.columns.interfaceId[row] ?? 0;
    const texts = known.get(id) ?? textsOf(table, { id, column, key });
    known.set(id, texts);
    return texts;
  };
}

function textsOf({ interfaces }: PacketTable, { id, column, key }: { id: number; column: FrameText; key: string }): readonly string[] {
  const found = interfaces[id];
  if (found === undefined) return none;
  const text =
    column === "interface" ? found.name : column === "host" ? found.host : Object.hasOwn(found.labels, key) ? found.labels[key] : null;
  return text === null || text === undefined ? none : [text];
}
