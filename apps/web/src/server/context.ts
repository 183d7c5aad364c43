import type { HostStatus } from "@sonde/protocol";
import type { HostAgent } from "@sonde/protocol/rest";
import type pg from "pg";
import type { Logger } from "pino";
import type { PrismaClient } from "../../../../prisma/generated/client.ts";
import type { Clock } from "./clock.ts";
import type { Bundle } from "./http/bundle.ts";
import type { HubCounters } from "./hub/counters.ts";
import type { Metrics } from "./metrics/metrics.ts";
import type { CompileFilter } from "./services/filters/compiler.ts";
import type { NameSources } from "./services/names/sources.ts";
import type { Throttle } from "./throttle.ts";

/** Who is signed in, as the session cookie says. */
export type SessionInfo = {
  readonly sessionId: string;
  readonly userId: string;
  readonly email: string;
  /** Signed in by a one-time link, and when. */
  readonly viaLink: boolean;
  readonly createdAt: Date;
};

/** The people's side of authentication (better-auth). */
export type Auth = {
  /** Answers /api/auth/**. */
  handler(request: Request): Promise<Response>;
  /** The valid session of a request's cookie, or null. */
  session(headers: Headers): Promise<SessionInfo | null>;
};

/** What the hub knows of a host at this moment. */
export type HostNow = {
  readonly status: HostStatus;
  readonly refusal: string | null;
  readonly lastSeen: Date | null;
  readonly clockOffsetNs: string | null;
};

/** What passed a host's uplinks: in all since the hub started, and in the last second counted. */
export type HostTraffic = {
  readonly packets: number;
  readonly bytes: number;
  readonly packetsPerSecond: number;
  readonly bitsPerSecond: number;
};

/** What verbs may ask of the running sockets. */
export type HubDoor = {
  hostNow(hostId: string, storedLastSeen: Date | null): HostNow;
  /** Tells browsers that these hosts (none named: the list) changed. */
  hostsChanged(hostIds: readonly string[]): void;
  /** Whether the host's agent is connected at this moment. */
  connected(hostId: string): boolean;
  /** Sends every connected host the filters meant for it now; resolves when each that lacked them has answered or been silent too long. Never rejects. */
  pushFilters(): Promise<void>;
  /** Tells browsers that a capture changed. */
  captureChanged(id: string): void;
  /** Takes back the filters of captures that have ended, which it otherwise does within seconds. Never rejects. */
  endCaptures(): Promise<void>;
  /** Takes up what was set for the store. */
  storeSettingsChanged(): Promise<void>;
  /** Ends the agent connection of a host. */
  disconnectHost(hostId: string): void;
  /** What its agent said last since the hub started. */
  agentReport(hostId: string): HostAgent;
  /** Null when the host has sent no counters since the hub started. */
  traffic(hostId: string): HostTraffic | null;
  /** What the sockets have counted since the start, for /metrics. */
  readonly counters: HubCounters;
};

/** Everything that server.ts built; the only way from routes and pages to it. */
export type Ctx = {
  readonly db: PrismaClient;
  readonly series: pg.Pool;
  /** Reads only, for questions that may take long. */
  readonly queries: pg.Pool;
  readonly auth: Auth;
  readonly hub: HubDoor;
  readonly log: Logger;
  readonly clock: Clock;
  /** Origin of SONDE_URL. */
  readonly url: string;
  /** Origins that browsers may come from: the URL's, and on loopback its other names. */
  readonly origins: readonly string[];
  /** Pin of a self-made certificate, `sha256//…`; null otherwise. */
  readonly pin: string | null;
  readonly version: string;
  readonly hashPassword: (password: string) => Promise<string>;
  /** Enrolment attempts per client address. */
  readonly enrolThrottle: Throttle;
  /** Refused API tokens per client address. */
  readonly tokenThrottle: Throttle;
  readonly compileFilter: CompileFilter;
  /** What /metrics answers. */
  readonly metrics: Metrics;
  /** Whether a client on loopback is on this machine: no proxy stands before the hub. */
  readonly loopbackIsLocal: boolean;
  /** Names of the migrations that this hub needs. */
  readonly migrations: readonly string[];
  /** What is known of addresses, beside the database. */
  readonly names: NameSources;
  /** Path of the script template that hosts fetch, and the agent bundle. */
  readonly installScript: string;
  readonly bundle: Bundle;
};

const KEY = Symbol.for("sonde.ctx");
type Holder = { [KEY]?: Ctx };

/** Puts the context where every copy of this module finds it: Next bundles server code more than once. */
export function provideCtx(ctx: Ctx): void {
  (globalThis as Holder)[KEY] = ctx;
}

/** The running hub's context. Throws when the process was not started by server.ts. */
export function getCtx(): Ctx {
  const ctx = (globalThis as Holder)[KEY];
  if (!ctx) throw new Error("the hub was not started by server.ts");
  return ctx;
}
