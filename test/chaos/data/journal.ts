import { readFileSync } from "node:fs";

/** Flow records in each batch of a load agent. */
export const ROWS = 200;
/** Numbers of batches that each run of a load agent has for itself. */
export const BATCHES_A_RUN = 2 ** 20;

export type JournalKind = "flows" | "counters";

/** The number, in its bytes, of a row: 256 numbers for each batch. */
export const rowOfBatch = (batch: number, row: number): bigint => BigInt(batch) * 256n + BigInt(row);
export const batchOfRow = (number: bigint): number => Number(number >> 8n);

/** What a load agent wrote down: numbers of batches, by what became of them. */
export type Journal = {
  readonly runs: number;
  readonly made: Record<JournalKind, Set<number>>;
  readonly acked: Record<JournalKind, Set<number>>;
  readonly lost: Record<JournalKind, Set<number>>;
  /** Batches that the hub refused for good. */
  readonly refused: number;
  /** How the last run ended, when it was asked to. */
  readonly end: "flushed" | "left behind" | null;
};

/** Reads a journal; a last line that a SIGKILL cut off is left out. */
export function readJournal(file: string): Journal {
  const byKind = (): Record<JournalKind, Set<number>> => ({ flows: new Set(), counters: new Set() });
  const made = byKind();
  const acked = byKind();
  const lost = byKind();
  const sets: Record<string, Record<JournalKind, Set<number>>> = { made, acked, lost };
  let runs = 0;
  let refused = 0;
  let end: Journal["end"] = null;
  for (const line of readFileSync(file, "utf8").split("\n").slice(0, -1)) {
    const [what = "", kind, number] = line.split(" ");
    if (what === "run") runs++;
    else if (what === "refused") refused++;
    else if (line === "flushed" || line === "left behind") end = line;
    else if (kind === "flows" || kind === "counters") sets[what]?.[kind].add(Number(number));
  }
  return { runs, made, acked, lost, refused, end };
}
