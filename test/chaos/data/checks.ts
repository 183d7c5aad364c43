import { setTimeout as pause } from "node:timers/promises";
import type { Fleet } from "./fleet.ts";
import { type Journal, ROWS, readJournal } from "./journal.ts";

/** What was to hold, and whether it does. */
export type Finding = { readonly name: string; readonly ok: boolean; readonly detail: string };

type Rows = { readonly batch: number; readonly rows: number; readonly numbers: number };

/** Acknowledged = stored, and nothing twice: of every load agent, batch by batch and row by row. */
export async function checkDelivery(fleet: Fleet): Promise<Finding[]> {
  const sums = { acked: 0, missing: 0, doubled: 0, invented: 0, died: 0, lost: 0, refused: 0, leftBehind: 0, runs: 0 };
  for (const agent of fleet.load) {
    const journal = readJournal(agent.journal);
    sums.runs += journal.runs;
    sums.refused += journal.refused;
    if (journal.end !== "flushed") sums.leftBehind++;
    const flows = await fleet.query<Rows>(
      `SELECT (bytes >> 8)::float8 AS batch, count(*)::int AS rows, count(DISTINCT bytes)::int AS numbers
         FROM flow_records WHERE host = (SELECT number FROM host WHERE id = $1) GROUP BY 1`,
      [agent.hostId],
    );
    const counters = await fleet.query<Rows>(
      `SELECT (rx_tcp4_bytes >> 8)::float8 AS batch, count(*)::int AS rows, count(DISTINCT rx_tcp4_bytes)::int AS numbers
         FROM interface_counters WHERE host_id = $1 GROUP BY 1`,
      [agent.hostId],
    );
    add(sums, journal, "flows", flows, ROWS);
    add(sums, journal, "counters", counters, 1);
  }
  return [
    {
      name: "acknowledged = stored",
      ok: sums.missing === 0 && sums.invented === 0 && sums.refused === 0 && sums.leftBehind === 0 && sums.acked > 0,
      detail:
        `${sums.acked} rows acknowledged in ${sums.runs} runs of ${fleet.load.length} agents: ${sums.missing} not stored, ${sums.invented} stored that were never made, ` +
        `${sums.refused} batches refused; ${sums.lost} rows lost in full queues, ${sums.died} died with their agent; ${sums.leftBehind} agents ended with something unsent`,
    },
    { name: "duplicates 0", ok: sums.doubled === 0, detail: `${sums.doubled} rows stored twice` },
  ];
}

function add(
  sums: Record<"acked" | "missing" | "doubled" | "invented" | "died" | "lost", number>,
  journal: Journal,
  kind: "flows" | "counters",
  stored: readonly Rows[],
  rowsOf: number,
): void {
  const byBatch = new Map(stored.map((one) => [one.batch, one]));
  for (const { batch, rows, numbers } of stored) {
    sums.doubled += rows - numbers;
    if (!journal.made[kind].has(batch)) sums.invented += rows;
  }
  for (const batch of journal.acked[kind]) {
    sums.acked += rowsOf;
    sums.missing += rowsOf - (byBatch.get(batch)?.numbers ?? 0);
  }
  for (const batch of journal.made[kind]) {
    if (byBatch.has(batch)) continue;
    if (journal.lost[kind].has(batch)) sums.lost += rowsOf;
    else sums.died += rowsOf;
  }
}

/** Waits until all records that agents said they had are stored, or counted as lost: at most `ms`, then the ledger tells what is off. */
export async function becomesQuiet(fleet: Fleet, ms: number): Promise<void> {
  for (const deadline = Date.now() + ms; Date.now() < deadline; await pause(500)) {
    const rows = await fleet.query<{ open: number }>(
      `SELECT count(*)::int AS open FROM (SELECT DISTINCT ON (host_id) * FROM agent_stream ORDER BY host_id, since DESC) s
        WHERE delivered <> queue_lost + stored + refused`,
    );
    if (rows[0]?.open === 0) return;
  }
}

type Remainders = {
  readonly host_id: string;
  readonly latest: boolean;
  readonly kernel: number;
  readonly records: number;
  readonly flows: number;
};

/**
 * The ledger (SPEC 6). The last run of each agent has ended in order: all of its equations hold to the packet. A run that
 * SIGKILL ended took with it what it held, which is told; what its kernel had counted is still whole in every reading
 * that arrived.
 */
export async function checkLedger(fleet: Fleet): Promise<Finding[]> {
  const streams = await fleet.query<Remainders>(
    `SELECT host_id, since = max(since) OVER (PARTITION BY host_id) AS latest,
            (seen - unmatched - sampled_out - ring_lost - no_reader - delivered)::float8 AS kernel,
            (delivered - queue_lost - stored - refused)::float8 AS records,
            (seen - flow_frames - unflowed - non_flow)::float8 AS flows
       FROM agent_stream`,
  );
  const off = streams.filter(({ latest, kernel, records, flows }) => kernel !== 0 || (latest && (records !== 0 || flows !== 0)));
  const killed = streams.filter(({ latest }) => !latest);
  const sum = (of: (one: Remainders) => number): number => killed.reduce((total, one) => total + of(one), 0);
  return [
    {
      name: "ledger error 0",
      ok: off.length === 0 && streams.length >= fleet.hosts,
      detail:
        `${streams.length} streams, ${off.length} do not add up${off.map((one) => ` ${JSON.stringify(one)}`).join("")}; of the ${killed.length} that SIGKILL ended ` +
        `${sum((one) => Math.max(0, one.records))} records and ${sum((one) => Math.max(0, one.flows))} frames of flows died with their agent, and the counters of ` +
        `${-sum((one) => Math.min(0, one.records))} stored records and ${-sum((one) => Math.min(0, one.flows))} frames of stored flows did`,
    },
  ];
}
