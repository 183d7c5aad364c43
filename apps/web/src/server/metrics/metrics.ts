import type { Logger } from "pino";
import type { Ctx } from "../context.ts";
import type { Actor } from "../services/call.ts";
import { fleetFacts } from "../services/metrics/fleet.ts";
import { exposition } from "./family.ts";
import { fleetFamilies, SERIES_PER_HOST } from "./fleet-families.ts";
import { hubFamilies } from "./hub-families.ts";
import { watchProcess } from "./process.ts";

/** More than this, and hosts are left out: every series costs whoever keeps them. */
const MAX_SERIES = 50_000;

export type MetricsOptions = Pick<Ctx, "db" | "clock" | "hub" | "version"> & { readonly log: Logger; readonly maxSeries?: number };
export type Metrics = {
  /** The hub and the hosts that the actor sees, in Prometheus' text format. */
  text(actor: Actor): Promise<string>;
  /** Idempotent. */
  stop(): void;
};

/** Reads everything anew for each scrape, so that nothing is kept of hosts that are gone. */
export function createMetrics(options: MetricsOptions): Metrics {
  const { clock, hub, version, log, maxSeries = MAX_SERIES } = options;
  const watch = watchProcess(clock);
  const startedAtMs = clock.now();
  const maxHosts = Math.floor(maxSeries / SERIES_PER_HOST);
  return {
    async text(actor) {
      const fleet = await fleetFacts({ ctx: options, actor, input: { maxHosts } }).catch((error: unknown) => {
        log.warn({ event: "metrics", error: String(error) }, "the metrics of hosts could not be read");
        return null;
      });
      const { user, system } = process.cpuUsage();
      const facts = {
        version,
        startedAtMs,
        cpuSeconds: (user + system) / 1e6,
        residentBytes: process.memoryUsage.rss(),
        delay: watch.delay(),
      };
      return (await exposition(hubFamilies(hub.counters, facts))) + (await exposition(fleetFamilies(fleet)));
    },
    stop: watch.stop,
  };
}
