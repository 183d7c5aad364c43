import { isLow, type Disk } from "./disk.ts";
import { HOUR_MS, type Queryable } from "./levels.ts";
import { dropPartitions, type Partition } from "./partitions.ts";
import { storedTables, type Retention, type StoredTable } from "./tables.ts";

/** Why a partition was dropped: its rows were too old, or came too late; its table was too large; the disk was too full. */
export type Dropped = { readonly why: "age" | "size" | "disk"; readonly name: string; readonly bytes: number };

/** Dropping a partition that is smaller frees nothing that its history were worth. */
const WORTH_BYTES = 1024 * 1024;
/** Of a full disk at most so many partitions go in one round; the next is soon. */
const MAX_FOR_DISK = 64;

export type Upkeep = {
  readonly retention: Retention;
  readonly now: number;
  readonly readDisk: () => Promise<Disk>;
  /** What could not be dropped now, because queries read it; it is tried again. */
  readonly onFailed: (table: StoredTable, error: unknown) => void;
};

/** Drops what is past its limits, and while the disk is nearly full the oldest of all. Never of the running hour. */
export async function applyRetention(on: Queryable, partitions: readonly Partition[], upkeep: Upkeep): Promise<Dropped[]> {
  const left = new Map(storedTables.map((table) => [table, partitions.filter((one) => one.table === table)]));
  const dropped: Dropped[] = [];
  const drop = async (table: StoredTable, through: number, why: Dropped["why"]): Promise<boolean> => {
    try {
      const own = left.get(table) ?? [];
      const gone = await dropPartitions(on, own, through);
      dropped.push(...gone.map(({ name, bytes }) => ({ why, name, bytes })));
      left.set(
        table,
        own.filter((one) => one.to > through),
      );
      return gone.length > 0;
    } catch (error) {
      upkeep.onFailed(table, error);
      return false;
    }
  };

  for (const table of storedTables) {
    const byAge = throughAge(left.get(table) ?? [], upkeep.now - upkeep.retention[table].keepMs);
    if (byAge !== null) await drop(table, byAge, "age");
    const bySize = throughSize(left.get(table) ?? [], upkeep.retention[table].maxBytes, upkeep.now);
    if (bySize !== null) await drop(table, bySize, "size");
  }
  for (let i = 0; i < MAX_FOR_DISK && isLow(await upkeep.readDisk()); i++) {
    const oldest = oldestOf([...left.values()].flat(), upkeep.now);
    if (!oldest || !(await drop(oldest.table, oldest.to, "disk"))) break;
  }
  return dropped;
}

/** Up to where a table's partitions have had their time; null: none has, and nothing came too late. */
function throughAge(own: readonly Partition[], before: number): number | null {
  const ends = own.filter((one) => one.from !== -Infinity && one.to <= before).map((one) => one.to);
  if (ends.length > 0) return Math.max(...ends);
  return own.some((one) => one.from === -Infinity && one.rowBytes > 0) ? -Infinity : null;
}

function throughSize(own: readonly Partition[], maxBytes: number | null, now: number): number | null {
  if (maxBytes === null) return null;
  let total = own.reduce((sum, one) => sum + one.bytes, 0);
  let through: number | null = null;
  for (const one of own) {
    if (total <= maxBytes || !isOver(one, now)) break;
    total -= one.bytes;
    through = one.to;
  }
  return through;
}

function oldestOf(all: readonly Partition[], now: number): Partition | undefined {
  return all
    .filter((one) => one.bytes >= WORTH_BYTES && isOver(one, now))
    .toSorted((a, b) => a.to - b.to || b.bytes - a.bytes)
    .at(0);
}

/** No part of it is of the running hour. */
function isOver(one: Partition, now: number): boolean {
  return one.to <= Math.floor(now / HOUR_MS) * HOUR_MS;
}
