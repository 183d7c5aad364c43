import { open, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Queryable } from "./levels.ts";

/** The file system that the database lies on, in bytes; free is what it may still use. */
export type Disk =
  | { readonly state: "known"; readonly totalBytes: number; readonly freeBytes: number }
  | { readonly state: "unknown"; readonly reason: string };
export type ReadDisk = (on: Queryable) => Promise<Disk>;

/** Below this part of the disk the oldest partitions go first. */
export const LEAST_FREE = 0.1;

export function isLow(disk: Disk): boolean {
  return disk.state === "known" && disk.freeBytes < disk.totalBytes * LEAST_FREE;
}

/**
 * Looks at the folder that the database says it keeps its data in. It may be on another machine or hidden: only a
 * folder whose control file names this very cluster counts (its first 8 bytes: pg_control.h, system_identifier).
 */
export const readDisk: ReadDisk = async (on) => {
  try {
    const { rows } = await on.query<{ folder: string; id: string }>(
      "SELECT current_setting('data_directory') AS folder, system_identifier::text AS id FROM pg_control_system()",
    );
    const { folder, id } = rows[0]!;
    if ((await clusterId(folder)) !== id) return { state: "unknown", reason: "the database is not on the hub's machine" };
    const { blocks, bavail, bsize } = await statfs(folder);
    return { state: "known", totalBytes: blocks * bsize, freeBytes: bavail * bsize };
  } catch {
    return { state: "unknown", reason: "the hub cannot see the database's folder" };
  }
};

async function clusterId(folder: string): Promise<string> {
  const file = await open(join(folder, "global/pg_control"), "r");
  try {
    const { buffer } = await file.read(Buffer.alloc(8), 0, 8, 0);
    return buffer.readBigUInt64LE().toString();
  } finally {
    await file.close();
  }
}
