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
  type LiveMessage,
  type ViewerMessage,
} from "@sonde/protocol";
import type { Logger } from "pino";
import { Server, type Socket } from "socket.io";
import type { Clock } from "../clock.ts";
import type { SessionInfo } from "../context.ts";
import { bufferedBytes } from "./buffered-bytes.ts";
import { countOne, type HubCounters } from "./counters.ts";
import { limitSockets } from "./socket-limits.ts";

const MAX_VIEWERS = 1_000;
const MAX_WATCHED = 16;
const MAX_MESSAGES = 120;
const MESSAGES_WINDOW_MS = 10_000;
const RECHECK_SESSION_MS = 60_000;
const TELL_SKIPPED_MS = 500;
/** More than this unsent, and a browser misses batches instead of making the hub hold them. */
const MAX_BUFFERED_BYTES = 2 * 1024 * 1024;

export type ViewersOptions = {
  readonly server: HttpServer | HttpsServer;
  readonly isForUs: (request: IncomingMessage) => boolean;
  readonly origins: readonly string[];
  readonly session: (headers: Headers) => Promise<SessionInfo | null>;
  /** What a browser is told at once when it begins to watch a host; null when there is none. */
  readonly greeting: (hostId: string) => Promise<LiveMessage[] | null>;
  readonly counters: HubCounters;
  readonly clock: Clock;
  readonly log: Logger;
  readonly maxBufferedBytes?: number;
};
export type Viewers = {
  /** To the browsers that watch this host. */
  batch(hostId: string, bytes: Uint8Array, records: number): void;
  toWatchers(hostId: string, message: LiveMessage): void;
  toFleet(message: LiveMessage): void;
  toAll(message: LiveMessage): void;
  watched(hostId: string): boolean;
  fleetWatched(): boolean;
  close(): Promise<void>;
};

type Viewer = {
  readonly socket: Socket;
  readonly hosts: Set<string>;
  fleet: boolean;
  readonly skipped: Map<string, { batches: number; records: number }>;
  window: { since: number; count: number };
};

/** The browsers' Socket.IO server (SPEC 7). */
export function serveViewers(options: ViewersOptions): Viewers {
  const { clock, log, counters } = options;
  const limit = options.maxBufferedBytes ?? MAX_BUFFERED_BYTES;
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
      const code = allowed ? (limits.roomForStranger(viewers.size) ? null : "BUSY") : "BAD_ORIGIN";
      if (code !== null) countOne(counters.viewerHandshakesRefused, code);
      done(code, code === null);
    },
  });
  const limits = limitSockets(io, clock, (code) => countOne(counters.refused, code));
  const viewers = new Set<Viewer>();
  const byHost = new Map<string, Set<Viewer>>();

  const sessionOf = (socket: Socket): Promise<SessionInfo | null> =>
    options.session(new Headers({ cookie: socket.handshake.headers.cookie ?? "" }));

  const namespace = io.of(LIVE_NAMESPACE);
  namespace.use((socket, next) => {
    const refuse = (code: "BUSY" | "NOT_SIGNED_IN" | "UNAVAILABLE"): void => {
      countOne(counters.viewerHandshakesRefused, code);
      next(refused(code));
    };
    if (viewers.size >= MAX_VIEWERS) return refuse("BUSY");
    sessionOf(socket).then(
      (session) => (session ? next() : refuse("NOT_SIGNED_IN")),
      () => refuse("UNAVAILABLE"),
    );
  });
  namespace.on("connection", (socket) => {
    const viewer: Viewer = { socket, hosts: new Set(), fleet: false, skipped: new Map(), window: { since: 0, count: 0 } };
    viewers.add(viewer);
    counters.viewers = viewers.size;
    const stop = clock.every(RECHECK_SESSION_MS, () => {
      sessionOf(socket).then(
        (session) => session ?? socket.disconnect(true),
        (error: unknown) => log.warn({ event: "session-recheck", error: String(error) }, "could not check a browser's session again"),
      );
    });
    socket.on("message", (input: unknown, reply: unknown) => {
      if (typeof reply !== "function") return;
      onMessage(viewer, input).then(
        () => reply({ ok: true } satisfies Ack),
        (error: unknown) => reply(refusal(error)),
      );
    });
    socket.once("disconnect", () => {
      stop();
      viewers.delete(viewer);
      counters.viewers = viewers.size;
      for (const hostId of viewer.hosts) unwatch(viewer, hostId);
    });
  });

  async function onMessage(viewer: Viewer, input: unknown): Promise<void> {
    const now = clock.now();
    if (now - viewer.window.since > MESSAGES_WINDOW_MS) viewer.window = { since: now, count: 0 };
    if (++viewer.window.count > MAX_MESSAGES) {
      countOne(counters.refused, "TOO_MANY");
      throw new CodedError("TOO_MANY");
    }
    const parsed = viewerMessageSchema.safeParse(input);
    if (!parsed.success) throw new CodedError(parsed.error.issues[0]?.code === "invalid_union" ? "UNKNOWN_MESSAGE" : "BAD_REQUEST");
    await act(viewer, parsed.data);
  }

  async function act(viewer: Viewer, message: ViewerMessage): Promise<void> {
    switch (message.type) {
      case "watch":
        return watch(viewer, message.hostId);
      case "unwatch":
        return unwatch(viewer, message.hostId);
      case "watch-fleet":
        viewer.fleet = true;
        return;
      case "unwatch-fleet":
        viewer.fleet = false;
        return;
    }
  }

  async function watch(viewer: Viewer, hostId: string): Promise<void> {
    if (viewer.hosts.size >= MAX_WATCHED && !viewer.hosts.has(hostId))
      throw new CodedError("TOO_MANY", `A page watches at most ${MAX_WATCHED} hosts`);
    const greeting = await options.greeting(hostId);
    if (!greeting) throw new CodedError("NOT_FOUND", "No such host");
    if (!viewer.socket.connected) return;
    viewer.hosts.add(hostId);
    const set = byHost.get(hostId) ?? new Set();
    byHost.set(hostId, set.add(viewer));
    for (const message of greeting) viewer.socket.emit("message", message);
  }

  function unwatch(viewer: Viewer, hostId: string): void {
    viewer.hosts.delete(hostId);
    viewer.skipped.delete(hostId);
    const set = byHost.get(hostId);
    set?.delete(viewer);
    if (set?.size === 0) byHost.delete(hostId);
  }

  const stopSkipped = clock.every(TELL_SKIPPED_MS, () => {
    for (const viewer of viewers) {
      if (viewer.skipped.size === 0 || bufferedBytes(viewer.socket.conn) > limit) continue;
      for (const [hostId, skipped] of viewer.skipped) tell(viewer, { type: "skipped", hostId, ...skipped });
      viewer.skipped.clear();
    }
  });
  const tell = (viewer: Viewer, message: LiveMessage): void => {
    // Even these are not heaped up without end for a browser that reads nothing.
    if (bufferedBytes(viewer.socket.conn) <= 2 * limit) viewer.socket.emit("message", message);
  };

  return {
    batch(hostId, bytes, records) {
      for (const viewer of byHost.get(hostId) ?? []) {
        if (bufferedBytes(viewer.socket.conn) + bytes.byteLength <= limit) {
          viewer.socket.emit("batch", hostId, bytes);
          continue;
        }
        counters.viewerSkippedBatches++;
        counters.viewerSkippedRecords += records;
        const before = viewer.skipped.get(hostId);
        viewer.skipped.set(hostId, { batches: (before?.batches ?? 0) + 1, records: (before?.records ?? 0) + records });
      }
    },
    toWatchers: (hostId, message) => byHost.get(hostId)?.forEach((viewer) => tell(viewer, message)),
    toFleet: (message) => viewers.forEach((viewer) => viewer.fleet && tell(viewer, message)),
    toAll: (message) => viewers.forEach((viewer) => tell(viewer, message)),
    watched: (hostId) => byHost.has(hostId),
    fleetWatched: () => [...viewers].some((viewer) => viewer.fleet),
    close: async () => {
      stopSkipped();
      await io.close();
    },
  };
}

function refused(code: "BUSY" | "NOT_SIGNED_IN" | "UNAVAILABLE"): Error {
  const detail = errorCodes[code].title;
  return Object.assign(new Error(detail), { data: { code, detail } });
}

function refusal(error: unknown): Ack {
  const code = isCodedError(error) ? error.code : "UNAVAILABLE";
  return { ok: false, code, detail: isCodedError(error) ? error.message : errorCodes.UNAVAILABLE.title };
}
