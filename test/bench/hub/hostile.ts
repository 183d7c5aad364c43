import { setTimeout as pause } from "node:timers/promises";
import type { SimHost } from "../../support/sim-agent.ts";
import { type Report, quantile } from "../report.ts";
import { startAttack } from "./attack-client.ts";
import { allCores, keepTo, twoSides } from "./cores.ts";
import type { Fleet } from "./fleet-client.ts";
import type { HubWorld } from "./world.ts";

const AGENTS = 4;
const SECONDS = 15;
const ROUNDS = 3;
/** New ones each round: those of the one before are not let in again so soon. */
export const HOSTILE_HOSTS = ROUNDS * AGENTS;
const EVERY_MS = 20;
const SETTLE_MS = 3_000;
/**
 * What a wait may grow by beside the quarter: an attack's first second makes the hub turn away thousands, one turn of
 * its event loop each, and a commit has two dozen turns.
 */
const ALLOWED_MS = 30;

/**
 * A well-behaved agent's wait for acknowledgements without and with all kinds of hostile ones at it, in turn, and what
 * they cost. They have a core of their own where there are two: what they take from the hub by computing is not the
 * hub's to mend.
 */
export async function measureHostile(
  world: HubWorld,
  fleet: Fleet,
  report: Report,
  { hosts, neighbour }: { readonly hosts: readonly SimHost[]; readonly neighbour: number },
): Promise<void> {
  const cookie = await world.signIn();
  const sides = twoSides();
  const beat = { agent: neighbour, seconds: SECONDS, everyMs: EVERY_MS };
  const rounds: { alone: readonly number[]; beside: readonly number[] }[] = [];
  const before = world.hubRss();
  let most = before;
  const sampling = setInterval(() => (most = Math.max(most, world.hubRss())), 100);
  try {
    for (let round = 0; round < ROUNDS; round++) {
      keepTo(sides?.ours ?? allCores);
      const alone = await fleet.beat(beat);
      const attack = startAttack(
        {
          url: world.url,
          cookie,
          hosts: hosts.slice(round * AGENTS, (round + 1) * AGENTS),
          watched: world.hosts[neighbour]!.hostId,
          seconds: SECONDS,
        },
        sides?.theirs ?? allCores,
      );
      const beside = await fleet.beat(beat);
      await attack;
      rounds.push({ alone, beside });
      await pause(SETTLE_MS);
    }
  } finally {
    clearInterval(sampling);
    keepTo(allCores);
  }
  report({
    name: "hub memory that hostile browsers and agents take",
    value: (most - before) / 1e6,
    unit: "MB",
    peer: "most it may be",
    peerValue: 100,
    bar: { atMost: 1 },
  });
  const where = sides ? `on core ${sides.theirs}, all else on ${sides.ours}` : "on the one core there is";
  for (const q of [0.5, 0.99]) {
    const median = (of: "alone" | "beside"): number =>
      quantile(
        rounds.map((round) => quantile(round[of], q)),
        0.5,
      );
    const allowed = 1.25 * median("alone") + ALLOWED_MS;
    report({
      name: `another agent's acknowledgement beside them (${where}), ${q === 0.5 ? "median" : "p99"}`,
      value: median("beside"),
      unit: "ms",
      peer: "without them",
      peerValue: median("alone"),
      bar: { valueAtMost: Math.round(allowed) },
    });
  }
}
