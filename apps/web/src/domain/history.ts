import { protoClasses } from "@sonde/protocol";
import type { CounterPoint } from "@sonde/protocol/rest";

type Row = { ifindex: number; direction: 1 | 2; cls: number; packets: number; bytes: number };
type Second = { readonly time: number; readonly rows: Row[] };

/**
 * Stored counter points as seconds of boot time, rising. `ifindexOf` maps the hub's interface ids to indexes; points of
 * interfaces that are gone are left out.
 */
export function pastSeconds(points: readonly CounterPoint[], ifindexOf: ReadonlyMap<number, number>, bootToWallNs: bigint): Second[] {
  const seconds = new Map<string, Second>();
  for (const point of points) {
    const ifindex = ifindexOf.get(point.interface);
    if (ifindex === undefined) continue;
    const time = Number(BigInt(Date.parse(point.at)) * 1_000_000n - bootToWallNs) / 1e9;
    const second = seconds.get(point.at) ?? { time, rows: [] };
    seconds.set(point.at, second);
    for (const [cls, name] of protoClasses.entries()) {
      for (const [direction, counts] of [[1, point.rx[name]] as const, [2, point.tx[name]] as const]) {
        if (counts !== undefined)
          second.rows.push({ ifindex, direction, cls, packets: Number(counts.packets), bytes: Number(counts.bytes) });
      }
    }
  }
  return [...seconds.values()].sort((a, b) => a.time - b.time);
}
