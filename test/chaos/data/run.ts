import { setTimeout as pause } from "node:timers/promises";
import { seeded } from "../../support/random.ts";
import { type Finding, becomesQuiet, checkDelivery, checkLedger } from "./checks.ts";
import { type Fleet, startFleet } from "./fleet.ts";
import { type Probe, startProbe } from "./probe.ts";

/** Everything is to be live so soon after the last kill. */
const LIVE_MS = 15_000;

export type ChaosOptions = {
  readonly seed: number;
  readonly seconds: number;
  /** Least and most time between two kills. */
  readonly betweenMs: readonly [number, number];
  readonly loadAgents: number;
  readonly batchesASecond: number;
  /** Each thing that happens, in a line. */
  readonly onLine: (line: string) => void;
};

/** Kills parts of a fleet under load at random times, lets it come back, and says what held. */
export async function runChaos({ seed, seconds, betweenMs, loadAgents, batchesASecond, onLine }: ChaosOptions): Promise<Finding[]> {
  const random = seeded(seed);
  const fleet = await startFleet({ random, loadAgents, batchesASecond, onLine });
  try {
    const probe = await startProbe(fleet);
    await becomesLive(fleet, probe, { since: Date.now(), withinMs: 60_000, onLine });
    const kills = new Map<string, number>();
    const begin = Date.now();
    let last = begin;
    while (Date.now() - begin < seconds * 1000) {
      await pause(random.between(...betweenMs));
      const { name, kill } = random.pick(victims(fleet));
      if (!kill()) continue;
      last = Date.now();
      kills.set(name, (kills.get(name) ?? 0) + 1);
      onLine(`${((last - begin) / 1000).toFixed(1)} s: SIGKILL ${name}`);
    }
    const liveMs = await becomesLive(fleet, probe, { since: last, withinMs: 120_000, onLine });
    await probe.stop();
    onLine(`live again ${(liveMs / 1000).toFixed(1)} s after the last kill; ending in order`);
    await fleet.endTraffic();
    await becomesQuiet(fleet, 30_000);
    await fleet.endAgents();
    const total = [...kills.values()].reduce((sum, count) => sum + count, 0);
    const strange = [...probe.seen].filter(([status]) => ![0, 200, 503].includes(status));
    return [
      { name: "kills", ok: total > 0, detail: `${total}: ${[...kills].map(([name, count]) => `${name} ${count}`).join(", ")}` },
      ...(await checkDelivery(fleet)),
      ...(await checkLedger(fleet)),
      {
        name: "live within 15 s",
        ok: liveMs <= LIVE_MS,
        detail: `every host live, with new counters stored, ${(liveMs / 1000).toFixed(1)} s after the last kill`,
      },
      {
        name: "the API says what is the matter",
        ok: strange.length === 0,
        detail: [...probe.seen].map(([status, count]) => `${status === 0 ? "no answer" : status} ${count} times`).join(", "),
      },
    ];
  } finally {
    await fleet.close();
  }
}

/** Twice: what all depends on, so that it is hit as often as the many agents. */
function victims(fleet: Fleet): { name: string; kill: () => boolean }[] {
  const { hub, postgres } = fleet;
  const shared = [
    { name: "hub", kill: () => hub.kill() },
    { name: "postgres", kill: () => postgres.kill(false) },
    { name: "a backend of postgres", kill: fleet.killBackend },
  ];
  return [...shared, ...shared, ...fleet.agents.map((agent) => ({ name: agent.name, kill: () => agent.kill() }))];
}

/** Waits until every host is live and has counters of after `since`; answers how long that took, in ms. */
async function becomesLive(
  fleet: Fleet,
  probe: Probe,
  { since, withinMs, onLine }: { since: number; withinMs: number; onLine: (line: string) => void },
): Promise<number> {
  let state = "";
  while (Date.now() - since < withinMs) {
    const statuses = await probe.statuses();
    const counted = await fleet
      .query<{ hosts: number }>("SELECT count(DISTINCT host_id)::int AS hosts FROM interface_counters WHERE at > $1", [new Date(since)])
      .catch(() => [{ hosts: -1 }]);
    const live = [...(statuses?.values() ?? [])].filter((status) => status === "live").length;
    if (live === fleet.hosts && counted[0]?.hosts === fleet.hosts) return Date.now() - since;
    const now = `${statuses === null ? "no answer" : `${live} of ${fleet.hosts} hosts live`}, ${counted[0]?.hosts} with new counters`;
    if (now !== state) onLine(`${((Date.now() - since) / 1000).toFixed(1)} s later: ${now}`);
    state = now;
    await pause(200);
  }
  throw new Error(`not live after ${withinMs / 1000} s: ${state}`);
}
