import { Has } from "./headerIndex.ts";
import { PacketTable } from "./table.ts";
import type { TableInterface } from "./types.ts";

export const testInterface: TableInterface = {
  id: 0,
  linkType: 1,
  snaplen: 0,
  name: "eth0",
  description: null,
  filter: null,
  comments: [],
  host: "web-1",
  labels: { env: "prod" },
  received: null,
  dropped: null,
  osDropped: null,
};

/** A table of frames, one a millisecond. */
export function tableOf(frames: readonly { readonly bytes: Uint8Array; readonly wireLen: number }[], linkType = 1): PacketTable {
  const table = new PacketTable();
  table.interfaces.push({ ...testInterface, linkType });
  for (const [i, { bytes, wireLen }] of frames.entries())
    table.append(
      { interfaceId: 0, seconds: 1_700_000_000, nanoseconds: i * 1_000_000, wireLen, bytes, offset: 0, capLen: bytes.length },
      null,
    );
  return table;
}

/** The same packets, of which the columns know nothing: each question goes to the packet's own tree. */
export function withoutHeaders(table: PacketTable): PacketTable {
  for (let row = 0; row < table.length; row++) table.columns.has[row] = (table.columns.has[row] ?? 0) | Has.unsure;
  return table;
}
