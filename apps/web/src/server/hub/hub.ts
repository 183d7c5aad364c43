import type { IncomingMessage, Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { AgentStatus, EngineReport, BatchHeader, LiveMessage } from "@sonde/protocol";
import type pg from "pg";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import type { Ctx, HubDoor, SessionInfo } from "../context.ts";
import { hostStanding } from "../services/hosts/standing.ts";
import { countRefusals } from "../store/batch-refusals.ts";
import { commitBatches } from "../store/commit-batches.ts";
import { countersSince } from "../store/counters-since.ts";
import type { CounterSums } from "../store/series.ts";
import { ledgerOf } from "../store/ledger.ts";
import { startMaintenance } from "../store/maintenance.ts";
import { saveLastSeen } from "../store/streams.ts";
import { createThrottle } from "../throttle.ts";
import { createAgentReports } from "./agent-reports.ts";
import { serveAgents } from "./agents.ts";
import { createCaptureBook } from "./capture-book.ts";
import { createCaptures } from "./captures.ts";
import { createChangeFeed } from "./change-feed.ts";
import type { Estimate } from "./clock-estimate.ts";
import { createCommitter } from "./committer.ts";
import { createHubCounters } from "./counters.ts";
import { createFilterPush } from "./filter-push.ts";
import { createLedgerFeed } from "./ledger-feed.ts";
import { createPresence } from "./presence.ts";
import { createRates } from "./rates.ts";
import { createRefusalCounts } from "./refusal-counts.ts";
import { createStrangers } from "./strangers.ts";
import { serveViewers } from "./viewers.ts";

export type HubOptions = {
  readonly server: HttpServer | HttpsServer;
  readonly db: Ctx["db"];
  readonly series: pg.Pool;
  readonly commits: pg.Pool;
  readonly clock: Clock;
  readonly log: Logger;
  readonly origins: readonly string[];
  readonly session: (headers: Headers) => Promise<SessionInfo | null>;
  /** Whether a handshake came by the hub's own name, and through its proxy. */
  readonly isForUs: (request: IncomingMessage) => boolean;
  /** Where Sonde's own connections end. */
  readonly endpoints: () => Promise<{ address: string; port: number }[]>;
  readonly addressOf: (request: IncomingMessage) => string;
};
export type Hub = HubDoor & {
  /** Ends all connections, commits what waits (at most 3 s), stops all timers. Idempotent. */
  close(): Promise<void>;
};

const SAVE_SEEN_MS = 5_000;
const FLEET_MS = 1_000;
const DRAIN_MS = 3_000;
/** An agent's own backoff makes a third of it. */
const HANDSHAKES_OF_A_HOST_PER_MINUTE = 20;
/** Of a host, or of a browser's session. */
const ABUSES_PER_MINUTE = 3;

/** The running hub: ingest, presence and live fan-out, on an HTTP server that is there already. */
export async function startHub(options: HubOptions): Promise<Hub> {
  const { clock, series, log } = options;
  const counters = createHubCounters();
  const clocks = new Map<string, LiveMessage>();
  /** What connected agents record. */
  const recordings = new Map<string, LiveMessage>();
  const upkeep = await startMaintenance({ pool: series, clock, log });

  const presence = createPresence(clock, ({ hostId, status, lastSeen }) => {
    viewers.toWatchers(hostId, { type: "status", hostId, status, lastSeen: lastSeen === null ? null : new Date(lastSeen).toISOString() });
    changes.changed([hostId]);
  });
  const changes = createChangeFeed(clock, (hostIds) => viewers.toAll({ type: "hosts-changed", hostIds }));
  const rates = createRates(clock);
  const reports = createAgentReports(clock);
  const ledgers = createLedgerFeed(clock, (hostId, ledger) => viewers.toWatchers(hostId, { type: "ledger", hostId, ledger }));
  const committer = createCommitter({
    commit: async (batches) => {
      const committed = await commitBatches(options.commits, batches, new Date(clock.now()));
      captures.changed(committed.captures);
      return committed.ledgers;
    },
    onLedgers: (rows) => rows.forEach((row) => ledgers.changed(row.hostId, ledgerOf(row))),
    counters,
    clock,
    log,
  });
  const refusals = createRefusalCounts({ save: (some) => countRefusals(series, some, new Date(clock.now())), clock, log });
  const viewers = serveViewers({
    ...options,
    counters,
    strangers: createStrangers(clock),
    abuses: createThrottle(clock, ABUSES_PER_MINUTE, 60_000),
    greeting: (hostId) => greet(hostId),
    countersSince: async (hostId, after) => {
      await committer.idle(hostId); // what was taken in before is in what is read
      return countersSince(series, hostId, after, new Date(clock.now()));
    },
    clockOf: (hostId) => clocks.get(hostId) ?? null,
    rates: (hostId) => ({ hostId, status: presence.now(hostId, null).status, ...rates.of(hostId) }),
  });
  const agents = serveAgents({
    ...options,
    committer,
    refusals,
    presence,
    counters,
    captures: createCaptureBook(series, log),
    keepsPackets: upkeep.keepsPackets,
    strangers: createStrangers(clock),
    returns: createThrottle(clock, HANDSHAKES_OF_A_HOST_PER_MINUTE, 60_000),
    abuses: createThrottle(clock, ABUSES_PER_MINUTE, 60_000),
    onBatch(hostId: string, header: BatchHeader, bytes: Uint8Array, sums: CounterSums | null) {
      if (sums) rates.add(hostId, sums, header.lastNs - header.firstNs);
      viewers.batch(header, bytes);
    },
    onClock(hostId: string, bootId: string, estimate: Estimate) {
      const message: LiveMessage = {
        type: "clock",
        hostId,
        bootId,
        bootToWallNs: `${estimate.bootToWallNs}`,
        offsetNs: `${estimate.offsetNs}`,
        errorNs: `${estimate.errorNs}`,
      };
      clocks.set(hostId, message);
      viewers.toWatchers(hostId, message);
    },
    onReport(hostId: string, report: AgentStatus | EngineReport) {
      reports.keep(hostId, report);
      if (report.type === "engine") return;
      const { sampleN, snaplen, budget, captures: progress = [] } = report;
      void captures.progress(hostId, progress);
      const message: LiveMessage = { type: "recording", hostId, sampleN, snaplen, budget: budget ?? null };
      recordings.set(hostId, message);
      viewers.toWatchers(hostId, message);
    },
    onChanged: (hostId) => changes.changed([hostId]),
    onGreeted: (hostId, filterSet) => void filters.greeted(hostId, filterSet),
    onGone(hostId: string) {
      recordings.delete(hostId);
      captures.gone(hostId);
      reports.gone(hostId);
      filters.changed();
    },
  });
  const filters = createFilterPush({
    ...options,
    agents,
    onChanged: () => viewers.toAll({ type: "filters-changed" }),
    onCaptures: (hostId, set, answer) => captures.answered(hostId, set, answer),
  });
  const captures = createCaptures({
    ...options,
    connected: agents.connected,
    push: filters.toAll,
    tell: (id) => viewers.toAll({ type: "capture-changed", id }),
  });

  async function greet(hostId: string): Promise<LiveMessage[] | null> {
    const standing = await hostStanding(options, hostId);
    if (!standing) return null;
    const now = presence.now(hostId, standing.lastSeen);
    return [
      { type: "status", hostId, status: now.status, lastSeen: now.lastSeen?.toISOString() ?? null },
      ...[clocks.get(hostId), recordings.get(hostId)].filter((one) => one !== undefined),
      ...(standing.ledger ? [{ type: "ledger", hostId, ledger: standing.ledger } as const] : []),
    ];
  }

  const saveSeen = (): Promise<void> => saveLastSeen(series, presence.takeHeard());
  const logged = (event: string, work: () => Promise<void>) => (): void => {
    work().catch((error: unknown) => log.warn({ event, error: String(error) }, "background work failed; it is tried again"));
  };
  const stops = [
    clock.every(SAVE_SEEN_MS, logged("save-last-seen", saveSeen)),
    clock.every(FLEET_MS, () => {
      if (!viewers.fleetWatched()) return;
      const hosts = [...presence.hosts()].map((hostId) => ({ hostId, status: presence.now(hostId, null).status, ...rates.of(hostId) }));
      viewers.toFleet({ type: "fleet", hosts });
    }),
  ];

  const close = async (): Promise<void> => {
    for (const stop of stops) stop();
    presence.stop();
    changes.stop();
    ledgers.stop();
    filters.stop();
    captures.stop();
    await agents.close();
    await viewers.close();
    await committer.close(DRAIN_MS);
    await refusals.close();
    await upkeep.stop();
    await saveSeen().catch((error: unknown) => log.warn({ event: "save-last-seen", error: String(error) }, "not saved at the end"));
  };
  let closing: Promise<void> | undefined;
  return {
    hostNow: (hostId, stored) => presence.now(hostId, stored),
    hostsChanged: changes.changed,
    connected: agents.isConnected,
    pushFilters: filters.toAll,
    captureChanged: (id) => captures.changed([id]),
    endCaptures: captures.endAll,
    storeSettingsChanged: upkeep.settingsChanged,
    disconnectHost(hostId) {
      presence.refused(hostId, "CREDENTIAL_REFUSED");
      agents.disconnect(hostId, "CREDENTIAL_REFUSED");
    },
    traffic: rates.traffic,
    agentReport: reports.of,
    counters,
    close: () => (closing ??= close()),
  };
}
