import { protoClasses } from "@sonde/protocol";
import type { CounterPoint } from "@sonde/protocol/rest";
import type pg from "pg";
import { countColumn, countFields, sides, type Side } from "./counter-columns.ts";

export type CountersQuery = {
  readonly hostId: string;
  readonly from: Date;
  readonly to: Date;
  readonly interfaceId: number | null;
  readonly limit: number;
};

type Row = { at: Date; interface_id: number } & Record<string, unknown>;

/** The counts of each class and side, as columns. */
export const classColumns = sides.flatMap((side) =>
  protoClasses.flatMap((proto) => countFields.map((field) => countColumn(side, proto, field))),
);

const SQL = `SELECT at, interface_id, ${classColumns.join(", ")} FROM interface_counters
  WHERE host_id = $1 AND at > $2 AND at <= $3 AND ($4::int IS NULL OR interface_id = $4)
  ORDER BY at, interface_id LIMIT $5`;

/** Points of a host in (from, to], oldest first. 64-bit counts stay text, as pg gives them. */
export async function queryCounters(pool: pg.Pool, query: CountersQuery): Promise<CounterPoint[]> {
  const { rows } = await pool.query<Row>(SQL, [query.hostId, query.from, query.to, query.interfaceId, query.limit]);
  return rows.map((row) => ({
    at: row.at.toISOString(),
    interface: row.interface_id,
    rx: sideOf(row, "rx"),
    tx: sideOf(row, "tx"),
  }));
}

/** The classes of one side of a row that counted something. */
export function sideOf(row: Record<string, unknown>, side: Side): CounterPoint["rx"] {
  const counts: CounterPoint["rx"] = {};
  for (const proto of protoClasses) {
    const frames = textOf(row[countColumn(side, proto, "frames")]);
    if (frames === "0") continue;
    counts[proto] = {
      frames,
      packets: textOf(row[countColumn(side, proto, "packets")]),
      bytes: textOf(row[countColumn(side, proto, "bytes")]),
    };
  }
  return counts;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "0";
}
