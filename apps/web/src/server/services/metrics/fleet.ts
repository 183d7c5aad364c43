import type { HostStatus } from "@sonde/protocol";
import type { Ctx, HostNow, HostTraffic } from "../../context.ts";
import { requireReader, scopeOf, type Call, type VerbCtx } from "../call.ts";
import { inScope } from "../hosts/in-scope.ts";

/** What is summed over all agent runs of a host; what each is, SPEC 6 says. */
export const ledgerFields = [
  "seen",
  "unmatched",
  "sampledOut",
  "ringLost",
  "noReader",
  "delivered",
  "queueLost",
  "stored",
  "refused",
  "flows",
  "flowFrames",
  "unflowed",
  "nonFlow",
  "flowsLost",
  "flowsRefused",
] as const;
export type LedgerField = (typeof ledgerFields)[number];

export type HostFacts = {
  readonly id: string;
  readonly name: string;
  readonly now: HostNow;
  /** Null when the host has sent nothing since the hub started. */
  readonly traffic: HostTraffic | null;
  readonly ledger: Readonly<Record<LedgerField, number>>;
};
export type FleetFacts = {
  /** Hosts heard of in the last five minutes, those enrolled first first. */
  readonly hosts: readonly HostFacts[];
  /** How many more of them there are. */
  readonly left: number;
  readonly statuses: Readonly<Record<HostStatus, number>>;
};

/** A host's series end this long after it was last heard. */
const EXPIRE_MS = 5 * 60_000;

/** The fleet in numbers, of at most `maxHosts` hosts. */
export async function fleetFacts({ ctx, actor, input }: Call<{ maxHosts: number }, VerbCtx & Pick<Ctx, "hub">>): Promise<FleetFacts> {
  requireReader(actor);
  const rows = await ctx.db.host.findMany({
    where: inScope(scopeOf(actor)),
    orderBy: [{ enrolledAt: "asc" }, { id: "asc" }],
    select: { id: true, name: true, lastSeen: true },
  });
  const all = rows.map(({ id, name, lastSeen }) => ({ id, name, now: ctx.hub.hostNow(id, lastSeen) }));
  const statuses: Record<HostStatus, number> = { live: 0, stale: 0, lost: 0, refused: 0, never: 0 };
  for (const { now } of all) statuses[now.status]++;
  const oldest = ctx.clock.now() - EXPIRE_MS;
  const heard = all.filter(({ now }) => now.lastSeen !== null && now.lastSeen.getTime() > oldest);
  const shown = heard.slice(0, input.maxHosts);
  const ledgers = await ledgersOf(ctx, shown);
  const none = Object.fromEntries(ledgerFields.map((field) => [field, 0])) as Record<LedgerField, number>;
  const hosts = shown.map((host) => ({ ...host, traffic: ctx.hub.traffic(host.id), ledger: ledgers.get(host.id) ?? none }));
  return { hosts, left: heard.length - shown.length, statuses };
}

async function ledgersOf({ db }: VerbCtx, hosts: readonly { id: string }[]): Promise<Map<string, Record<LedgerField, number>>> {
  const sums = await db.agentStream.groupBy({
    by: ["hostId"],
    where: { hostId: { in: hosts.map((host) => host.id) } },
    _sum: {
      seen: true,
      unmatched: true,
      sampledOut: true,
      ringLost: true,
      noReader: true,
      delivered: true,
      queueLost: true,
      stored: true,
      refused: true,
      flows: true,
      flowFrames: true,
      unflowed: true,
      nonFlow: true,
      flowsLost: true,
      flowsRefused: true,
    },
  });
  return new Map(
    sums.map(({ hostId, _sum }) => [
      hostId,
      Object.fromEntries(ledgerFields.map((field) => [field, Number(_sum[field] ?? 0n)])) as Record<LedgerField, number>,
    ]),
  );
}
