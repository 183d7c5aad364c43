import type { IncomingMessage, Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";
import {
  CodedError,
  LIVE_NAMESPACE,
  LIVE_PATH,
  errorCodes,
  isCodedError,
  viewerMessageSchema,
  type Ack,
  type BatchHeader,
  type ErrorCode,
  type HostRates,
  type LiveMessage,
  type Subscribe,
  type ViewerMessage,
} from "@sonde/protocol";
import type { Logger } from "pino";
import { Server, type Socket } from "socket.io";
import type { Clock } from "../clock.ts";
import type { Ctx, SessionInfo } from "../context.ts";
import { createGate } from "../gate.ts";
import type { Throttle } from "../throttle.ts";
import { OK, refusal } from "./answers.ts";
import { cutOff } from "./buffered-bytes.ts";
import { countOne, type HubCounters } from "./counters.ts";
import type { CounterLineOptions } from "./live-counters.ts";
import { LiveFanout } from "./live-fanout.ts";
import { createLiveHosts } from "./live-hosts.ts";
import type { SubscriptionSpec } from "./live-subscription.ts";
import { LiveViewer } from "./live-viewer.ts";
import { createMessageGate } from "./message-gate.ts";
import { limitSockets } from "./socket-limits.ts";
import type { Strangers } from "./strangers.ts";

const MAX_VIEWERS = 1_000;
/** Watched hosts, and subscriptions, of one browser. */
const MAX_WATCHED = 16;
const MAX_SUBSCRIPTIONS = 16;
/** Hosts whose counters the subscriptions of one browser may follow. */
const MAX_COUNTED_HOSTS = 64;
const RECHECK_SESSION_MS = 60_000;
const TICK_MS = 1_000;
/** More than this unsent, and a browser gets summaries instead of making the hub hold its rows. */
const MAX_BUFFERED_BYTES = 2 * 1024 * 1024;
/** The same of all browsers together; beyond it each may hold only an eighth. */
const MAX_ALL_BUFFERED_BYTES = 48 * 1024 * 1024;

export type ViewersOptions = {
  readonly server: HttpServer | HttpsServer;
  readonly isForUs: (request: IncomingMessage) => boolean;
  readonly origins: readonly string[];
  readonly session: (headers: Headers) => Promise<SessionInfo | null>;
  /** What a browser is told at once when it begins to watch a host; null when there is none. */
  readonly greeting: (hostId: string) => Promise<LiveMessage[] | null>;
  /** What is stored of a host's counters since an interval. */
  readonly countersSince: CounterLineOptions["read"];
  readonly rates: (hostId: string) => HostRates;
  readonly addressOf: (request: IncomingMessage) => string;
  readonly strangers: Strangers;
  /** Of sessions whose page had to be cut off. */
  readonly abuses: Throttle;
  /** What is estimated of a host's clock now; null while nothing is. */
  readonly clockOf: (hostId: string) => LiveMessage | null;
  readonly db: Pick<Ctx["db"], "host">;
  readonly counters: HubCounters;
  readonly clock: Clock;
  readonly log: Logger;
};
export type Viewers = {
  /** A batch of any kind that the hub has taken in: to those that asked for its like. */
  batch(header: BatchHeader, bytes: Uint8Array): void;
  /** To the browsers that watch this host. */
  toWatchers(hostId: string, message: LiveMessage): void;
  toFleet(message: LiveMessage): void;
  toAll(message: LiveMessage): void;
  fleetWatched(): boolean;
  close(): Promise<void>;
};

const watchedKinds = new Set(["records", "counters"] as const);

/** The browsers' Socket.IO server (SPEC 7). */
export function serveViewers(options: ViewersOptions): Viewers {
  const { clock, log, counters } = options;
  const io = new Server(options.server, {
    path: LIVE_PATH,
    transports: ["websocket"],
    perMessageDeflate: false,
    httpCompression: false,
    serveClient: false,
    destroyUpgrade: false,
    maxHttpBufferSize: 16 * 1024,
    connectTimeout: 10_000,
    allowRequest: (request, done) => {
      const { origin } = request.headers;
      const allowed = origin !== undefined && options.origins.includes(origin) && options.isForUs(request);
      const judge = (): void => {
        const room = limits.roomForStranger(viewers.size) && options.strangers.mayTry(options.addressOf(request));
        answer(room ? null : "BUSY");
      };
      const answer = (code: ErrorCode | null): void => {
        if (code !== null) countOne(counters.viewerHandshakesRefused, code);
        done(code, code === null);
      };
      if (!allowed) answer("BAD_ORIGIN");
      else if (!limits.inTurn(judge)) answer("BUSY");
    },
  });
  const limits = limitSockets(io, clock, (code) => countOne(counters.refused, code));
  const viewers = new Set<LiveViewer>();
  const hosts = createLiveHosts({
    db: options.db,
    clock,
    isNeeded: () => fanout.needsHosts,
    onLoaded: () => fanout.hostsLoaded(),
    onFailure: (error) =>
      log.warn({ event: "live-hosts", error: String(error) }, "hosts could not be read again; filters use what was read before"),
  });
  const fanout = new LiveFanout(hosts);
  // Many browsers that come back at once leave the database to the others.
  const gate = createGate(1);
  const read: CounterLineOptions["read"] = (hostId, after) => gate(() => options.countersSince(hostId, after));
  let limit = MAX_BUFFERED_BYTES;

  const sessionOf = (socket: Socket): Promise<SessionInfo | null> =>
    options.session(new Headers({ cookie: socket.handshake.headers.cookie ?? "" }));

  const namespace = io.of(LIVE_NAMESPACE);
  namespace.use((socket, next) => {
    const refuse = (code: "BUSY" | "NOT_SIGNED_IN" | "UNAVAILABLE"): void => {
      countOne(counters.viewerHandshakesRefused, code);
      next(refused(code));
      limits.endRefused(socket);
    };
    if (viewers.size >= MAX_VIEWERS || !limits.isFirst(socket)) return refuse("BUSY");
    sessionOf(socket).then(
      (session) => {
        if (!session) options.strangers.failed(options.addressOf(socket.request));
        if (!session) return refuse("NOT_SIGNED_IN");
        if (options.abuses.spent(session.sessionId)) return refuse("BUSY");
        socket.data.sessionId = session.sessionId;
        next();
      },
      () => refuse("UNAVAILABLE"),
    );
  });
  namespace.on("connection", (socket) => {
    const viewer = new LiveViewer({ socket, limit: () => limit, counters, clock, rates: options.rates });
    viewers.add(viewer);
    counters.viewers = viewers.size;
    const stop = clock.every(RECHECK_SESSION_MS, () => {
      sessionOf(socket).then(
        (session) => {
          if (session) return;
          countOne(counters.viewersEnded, "signed-out");
          socket.disconnect(true);
        },
        (error: unknown) => log.warn({ event: "session-recheck", error: String(error) }, "could not check a browser's session again"),
      );
    });
    const gate = createMessageGate({
      clock,
      handle: (input) => onMessage(viewer, input),
      onTooMany: () => countOne(counters.viewerMessagesRefused, "TOO_MANY"),
      onDeaf() {
        countOne(counters.viewersEnded, "too-many");
        options.abuses.allow(socket.data.sessionId);
        socket.disconnect(true);
      },
    });
    socket.on("message", (input: unknown, reply: unknown) => {
      if (typeof reply === "function") gate.take(input, (answer) => reply(answer));
    });
    socket.once("disconnect", () => {
      stop();
      viewers.delete(viewer);
      counters.viewers = viewers.size;
      for (const key of viewer.subscriptions.keys()) drop(viewer, key);
    });
  });

  async function onMessage(viewer: LiveViewer, input: unknown): Promise<Ack> {
    try {
      const parsed = viewerMessageSchema.safeParse(input);
      if (!parsed.success) throw new CodedError(parsed.error.issues[0]?.code === "invalid_union" ? "UNKNOWN_MESSAGE" : "BAD_REQUEST");
      if (viewer.socket.connected) await act(viewer, parsed.data);
      return OK;
    } catch (error) {
      const answer = refusalOf(error);
      countOne(counters.viewerMessagesRefused, answer.code);
      return answer;
    }
  }

  async function act(viewer: LiveViewer, message: ViewerMessage): Promise<void> {
    switch (message.type) {
      case "watch":
        return watch(viewer, message);
      case "unwatch":
        return drop(viewer, watchKey(message.hostId));
      case "subscribe":
        return subscribe(viewer, message);
      case "unsubscribe":
        return drop(viewer, subscriptionKey(message.id));
      case "watch-fleet":
        viewer.fleet = true;
        return;
      case "unwatch-fleet":
        viewer.fleet = false;
        return;
    }
  }

  async function watch(viewer: LiveViewer, { hostId, after }: Extract<ViewerMessage, { type: "watch" }>): Promise<void> {
    const greeting = await options.greeting(hostId);
    if (!greeting) throw new CodedError("NOT_FOUND", "No such host");
    if (!viewer.socket.connected) return;
    const filter = fanout.filter("");
    const spec = { id: null, hosts: [hostId], filter, maxPerSecond: Infinity, kinds: watchedKinds, after: after ? [after] : [] };
    hold(viewer, watchKey(hostId), spec);
    for (const message of greeting) viewer.socket.emit("message", message);
  }

  async function subscribe(viewer: LiveViewer, { id, filter, kinds, ...of }: Subscribe): Promise<void> {
    const compiled = fanout.filter(filter);
    if (kinds.includes("counters") && !Array.isArray(of.hosts))
      throw new CodedError("BAD_REQUEST", "counters are for named hosts; of all hosts watch-fleet has the rates");
    await hosts.load();
    if (Array.isArray(of.hosts) && !(await hosts.exist(of.hosts))) throw new CodedError("NOT_FOUND", "No such host");
    if (!viewer.socket.connected) return;
    hold(viewer, subscriptionKey(id), { ...of, id, filter: compiled, kinds: new Set(kinds) });
  }

  /** Begins a subscription in place of the one of the same key. Throws TOO_MANY. */
  function hold(viewer: LiveViewer, key: string, spec: SubscriptionSpec): void {
    const others = [...viewer.subscriptions].filter(([other]) => other !== key).map(([, one]) => one);
    const alike = others.filter((one) => (one.spec.id === null) === (spec.id === null));
    if (spec.id === null && alike.length >= MAX_WATCHED) throw new CodedError("TOO_MANY", `A page watches at most ${MAX_WATCHED} hosts`);
    if (alike.length >= MAX_SUBSCRIPTIONS) throw new CodedError("TOO_MANY", `A page has at most ${MAX_SUBSCRIPTIONS} subscriptions`);
    const hostsOf = (of: SubscriptionSpec): number =>
      of.id !== null && of.kinds.has("counters") && Array.isArray(of.hosts) ? of.hosts.length : 0;
    if ([spec, ...alike.map((one) => one.spec)].reduce((sum, of) => sum + hostsOf(of), 0) > MAX_COUNTED_HOSTS)
      throw new CodedError("TOO_MANY", `A page follows the counters of at most ${MAX_COUNTED_HOSTS} hosts`);
    drop(viewer, key);
    viewer.subscriptions.set(key, fanout.add({ viewer, spec, read, clockOf: options.clockOf, clock, counters }));
    counters.subscriptions = fanout.size;
  }

  function drop(viewer: LiveViewer, key: string): void {
    const one = viewer.subscriptions.get(key);
    if (!one) return;
    viewer.subscriptions.delete(key);
    fanout.remove(one);
    counters.subscriptions = fanout.size;
  }

  const stopTicks = clock.every(TICK_MS, () => {
    let waiting = 0;
    for (const viewer of viewers) {
      viewer.tick();
      waiting += viewer.waiting;
    }
    limit = waiting > MAX_ALL_BUFFERED_BYTES ? MAX_BUFFERED_BYTES / 8 : MAX_BUFFERED_BYTES;
    fanout.tick();
  });

  return {
    batch: (header, bytes) => fanout.batch(header, bytes),
    toWatchers: (hostId, message) => fanout.toWatchers(hostId, message),
    toFleet: (message) => viewers.forEach((viewer) => viewer.fleet && viewer.tell(message)),
    toAll(message) {
      if (message.type === "hosts-changed") hosts.changed();
      for (const viewer of viewers) viewer.tell(message);
    },
    fleetWatched: () => [...viewers].some((viewer) => viewer.fleet),
    close: async () => {
      stopTicks();
      hosts.close();
      for (const viewer of viewers) if (viewer.waiting > 0) cutOff(viewer.socket.conn);
      await io.close();
    },
  };
}

const watchKey = (hostId: string): string => `host/${hostId}`;
const subscriptionKey = (id: string): string => `id/${id}`;

function refused(code: "BUSY" | "NOT_SIGNED_IN" | "UNAVAILABLE"): Error {
  const detail = errorCodes[code].title;
  return Object.assign(new Error(detail), { data: { code, detail } });
}

function refusalOf(error: unknown): Extract<Ack, { ok: false }> {
  return isCodedError(error) ? refusal(error.code, error.message) : refusal("UNAVAILABLE");
}
