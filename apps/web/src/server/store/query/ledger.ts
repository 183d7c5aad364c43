import type { FleetLedger, LedgerSums } from "@sonde/protocol/rest";
import type pg from "pg";
import { ANSWER_MS } from "./ask.ts";
import { SqlParams } from "./params.ts";
import { runQuery } from "./run.ts";
import { hostsIn, type HostSet } from "./scope.ts";

/** The classes of SPEC 6, and their columns in agent_stream. */
const classes = {
  seen: "seen",
  unmatched: "unmatched",
  sampledOut: "sampled_out",
  lostRing: "ring_lost",
  noReader: "no_reader",
  delivered: "delivered",
  lostQueue: "queue_lost",
  stored: "stored",
  refused: "refused",
  flows: "flows",
  flowFrames: "flow_frames",
  unflowed: "unflowed",
  nonFlow: "non_flow",
  lostFlows: "flows_lost",
  refusedFlows: "flows_refused",
} as const;
type Class = keyof typeof classes;
const names = Object.keys(classes) as Class[];

type Row = Record<Class, string> & { host_id: string | null; name: string | null; streams: string };

/** Sums of all runs of the hosts' agents, of each host and of them all, hosts by name, at most `limit`. Throws BUSY, QUERY_LIMIT. */
export async function fleetLedger(pool: pg.Pool, hosts: HostSet, limit: number): Promise<FleetLedger> {
  const params = new SqlParams();
  const sums = names.map((name) => `coalesce(sum(s.${classes[name]}), 0)::text AS "${name}"`).join(", ");
  const text = `SELECT h.id AS host_id, h.name, count(s.host_id) AS streams, ${sums} FROM host h LEFT JOIN agent_stream s ON s.host_id = h.id
    WHERE ${hostsIn(hosts, params)} GROUP BY GROUPING SETS ((), (h.id, h.name)) ORDER BY grouping(h.id) DESC, h.name, h.id LIMIT ${params.add(limit + 2)}::int`;
  const [fleet, ...rows] = await runQuery<Row>(pool, { text, values: params.values, timeoutMs: ANSWER_MS });
  if (!fleet) throw new Error("an aggregate of all hosts has no row");
  return {
    fleet: sumsOf(fleet),
    hosts: rows
      .slice(0, limit)
      .flatMap((row) =>
        row.host_id === null || row.name === null
          ? []
          : [{ hostId: row.host_id, name: row.name, streams: Number(row.streams), ...sumsOf(row) }],
      ),
    truncated: rows.length > limit,
  };
}

function sumsOf(row: Row): LedgerSums {
  const of = (name: Class): bigint => BigInt(row[name]);
  const less = (whole: Class, ...parts: Class[]): string => parts.reduce((rest, part) => rest - of(part), of(whole)).toString();
  const sums = Object.fromEntries(names.map((name) => [name, row[name]])) as Record<Class, string>;
  return {
    ...sums,
    inFlight: less("delivered", "lostQueue", "stored", "refused"),
    unexplained: less("seen", "unmatched", "sampledOut", "lostRing", "noReader", "delivered"),
    heldFrames: less("seen", "flowFrames", "unflowed", "nonFlow"),
  };
}
