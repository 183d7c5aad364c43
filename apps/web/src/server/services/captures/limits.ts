import type { CaptureLimits } from "@sonde/protocol";
import type { VerbCtx } from "../call.ts";

/** A host's clock as the hub estimates it, in the boot it is in. */
export type HostClock = { readonly bootId: string; readonly bootToWallNs: bigint; readonly offsetNs: bigint; readonly errorNs: bigint };
type Clocked = { readonly hostId: string; readonly clock: HostClock };
type Row = {
  capture: string;
  filter: string;
  host: string;
  boot: string | null;
  until: bigint | null;
  packets: bigint;
  bytes: bigint;
  ends: Date;
};

/**
 * What the captures among these filters may take on these hosts, by host and filter. When one ends in a host's own time
 * is settled once for each boot, so that a set that is sent again is the same (SPEC 8.5), and so is how to read its times.
 */
export async function captureLimits(
  { db, now }: Pick<VerbCtx, "db"> & { readonly now: number },
  hosts: readonly Clocked[],
  filterIds: readonly string[],
): Promise<Map<string, Map<string, CaptureLimits>>> {
  const rows = await db.$queryRaw<Row[]>`
    SELECT c.id AS capture, c.filter_id AS filter, ch.host_id AS host, ch.boot_id AS boot, ch.until_ns AS until,
           c.max_packets AS packets, c.max_bytes AS bytes, c.created_at + c.max_seconds * interval '1 second' AS ends
      FROM capture c JOIN capture_host ch ON ch.capture_id = c.id
     WHERE c.filter_id = ANY(${[...filterIds]}::uuid[]) AND ch.host_id = ANY(${hosts.map((one) => one.hostId)}::uuid[])`;
  const clocks = new Map(hosts.map((one) => [one.hostId, one.clock]));
  const limits = new Map<string, Map<string, CaptureLimits>>();
  const settled: { row: Row; clock: HostClock; until: bigint }[] = [];
  for (const row of rows) {
    const clock = clocks.get(row.host)!;
    const known = row.boot === clock.bootId ? row.until : null;
    const until = known ?? untilOf(clock, Math.max(row.ends.getTime(), now));
    if (known === null) settled.push({ row, clock, until });
    const own = limits.get(row.host) ?? new Map<string, CaptureLimits>();
    limits.set(
      row.host,
      own.set(row.filter, { id: row.capture, untilNs: `${until}`, maxPackets: `${row.packets}`, maxBytes: `${row.bytes}` }),
    );
  }
  if (settled.length > 0) await settle({ db }, settled);
  return limits;
}

function untilOf({ bootToWallNs }: HostClock, endsMs: number): bigint {
  const until = BigInt(endsMs) * 1_000_000n - bootToWallNs;
  return until < 0n ? 0n : BigInt.asUintN(63, until);
}

async function settle({ db }: Pick<VerbCtx, "db">, all: readonly { row: Row; clock: HostClock; until: bigint }[]): Promise<void> {
  await db.$executeRaw`
    UPDATE capture_host ch SET boot_id = s.boot, until_ns = s.until, boot_to_wall_ns = s.wall, clock_offset_ns = s.offset_ns, clock_error_ns = s.error_ns
      FROM unnest(${all.map(({ row }) => row.capture)}::uuid[], ${all.map(({ row }) => row.host)}::uuid[],
                  ${all.map(({ clock }) => clock.bootId)}::uuid[], ${all.map((one) => one.until)}::bigint[],
                  ${all.map(({ clock }) => int64(clock.bootToWallNs))}::bigint[], ${all.map(({ clock }) => int64(clock.offsetNs))}::bigint[],
                  ${all.map(({ clock }) => int64(clock.errorNs))}::bigint[]) AS s(capture, host, boot, until, wall, offset_ns, error_ns)
     WHERE ch.capture_id = s.capture AND ch.host_id = s.host`;
}

/** Of clocks that a host made up. */
function int64(ns: bigint): bigint {
  return BigInt.asIntN(64, ns);
}
