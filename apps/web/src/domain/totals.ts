import type { SideTotals } from "@sonde/protocol/rest";

export type Sum = { readonly frames: bigint; readonly packets: bigint; readonly bytes: bigint };
type Counts = { readonly frames: string; readonly packets: string; readonly bytes: string };

/** Sums over protocol classes. */
export function sumOf(classes: Readonly<Record<string, Counts | undefined>>): Sum {
  let [frames, packets, bytes] = [0n, 0n, 0n];
  for (const counts of Object.values(classes)) {
    frames += BigInt(counts?.frames ?? 0);
    packets += BigInt(counts?.packets ?? 0);
    bytes += BigInt(counts?.bytes ?? 0);
  }
  return { frames, packets, bytes };
}

/** Everything of all interfaces and both directions that a choice keeps, added up. */
export function together(items: readonly SideTotals[]): Omit<SideTotals, "interface" | "side"> {
  const add = (a: string | undefined, b: string): string => String(BigInt(a ?? 0) + BigInt(b));
  const classes: SideTotals["classes"] = {};
  const dropped: SideTotals["dropped"] = {};
  const merge = (into: SideTotals["classes"], from: SideTotals["classes"]): void => {
    for (const [name, counts] of Object.entries(from) as [keyof typeof from, Counts][]) {
      const had = into[name];
      into[name] = {
        frames: add(had?.frames, counts.frames),
        packets: add(had?.packets, counts.packets),
        bytes: add(had?.bytes, counts.bytes),
      };
    }
  };
  const tcpFlags: Record<string, string> = {};
  const sizes = new Map<number, bigint>();
  let malformed = 0n;
  for (const item of items) {
    merge(classes, item.classes);
    merge(dropped, item.dropped);
    malformed += BigInt(item.malformed);
    for (const [flag, count] of Object.entries(item.tcpFlags)) tcpFlags[flag] = add(tcpFlags[flag], count);
    for (const { least, frames } of item.sizes) sizes.set(least, (sizes.get(least) ?? 0n) + BigInt(frames));
  }
  return {
    classes,
    dropped,
    malformed: String(malformed),
    tcpFlags,
    sizes: [...sizes].sort(([a], [b]) => a - b).map(([least, frames]) => ({ least, frames: String(frames) })),
  };
}
