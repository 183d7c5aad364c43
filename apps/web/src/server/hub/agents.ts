import type { IncomingMessage, Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";
import {
  AGENT_NAMESPACE,
  AGENT_PATH,
  CodedError,
  MAX_BATCH_BYTES,
  clockReadingSchema,
  errorCodes,
  type AgentHello,
  type AgentStatus,
  type EngineReport,
  type BatchHeader,
  type ErrorCode,
  type HubMessage,
} from "@sonde/protocol";
import type { Logger } from "pino";
import { Server, type Socket } from "socket.io";
import type { Clock } from "../clock.ts";
import { createGate } from "../gate.ts";
import type { HostClock } from "../services/captures/limits.ts";
import type { CounterSums } from "../store/series.ts";
import { partitionRange } from "../store/partitions.ts";
import { saveAgentLabels } from "../store/host-labels.ts";
import { noteInterfaces, openStream, resumeStream, saveInterfaces } from "../store/streams.ts";
import { admitAgent, refusedHandshake, type HandshakeOptions } from "./agent-handshake.ts";
import { AgentSession } from "./agent-session.ts";
import type { CaptureBook } from "./capture-book.ts";
import { ClockEstimate, type Estimate, type Reading } from "./clock-estimate.ts";
import type { Committer } from "./committer.ts";
import { countOne, type HubCounters } from "./counters.ts";
import type { RefusalCounts } from "./refusal-counts.ts";
import { limitSockets } from "./socket-limits.ts";

const CLOCK_EVERY_MS = 10_000;
const CLOCK_TIMEOUT_MS = 5_000;
/** Handshakes and hellos: those of a whole fleet, or of a hostile one, leave the database to commits and pages. */
const QUESTIONS_AT_ONCE = 2;
/** Room for Socket.IO's own framing around the largest batch. */
const MAX_FRAME_BYTES = MAX_BATCH_BYTES + 4096;

export type AgentEvents = {
  readonly onBatch: (hostId: string, header: BatchHeader, bytes: Uint8Array, sums: CounterSums | null) => void;
  readonly onClock: (hostId: string, bootId: string, estimate: Estimate) => void;
  readonly onReport: (hostId: string, report: AgentStatus | EngineReport) => void;
  readonly onChanged: (hostId: string) => void;
  /** The agent said hello and holds this filter set. */
  readonly onGreeted: (hostId: string, filterSet: number) => void;
  readonly onGone: (hostId: string) => void;
};
export type AgentsOptions = AgentEvents &
  Omit<HandshakeOptions, "gate"> & {
    readonly server: HttpServer | HttpsServer;
    readonly isForUs: (request: IncomingMessage) => boolean;
    readonly clock: Clock;
    readonly log: Logger;
    readonly committer: Committer;
    readonly captures: CaptureBook;
    readonly refusals: Pick<RefusalCounts, "add">;
    /** Whether records of packets are stored. */
    readonly keepsPackets: () => boolean;
    readonly endpoints: () => Promise<{ address: string; port: number }[]>;
    readonly counters: HubCounters;
  };
export type Agents = {
  /** Ends a host's connection with this code. */
  disconnect(hostId: string, code: ErrorCode): void;
  /** Hosts whose agent has said hello on the connection it has. */
  connected(): readonly string[];
  isConnected(hostId: string): boolean;
  /** As it is estimated on the connection there is; null without one. */
  clockOf(hostId: string): HostClock | null;
  /** Sends a message and resolves with its acknowledgement, not checked. Rejects after `timeoutMs`, and when no agent is connected. */
  ask(hostId: string, message: HubMessage, timeoutMs: number): Promise<unknown>;
  close(): Promise<void>;
};

type Connection = {
  readonly socket: Socket;
  readonly end: (code: ErrorCode, detail: string) => void;
  greeted: boolean;
  clock: HostClock | null;
};

/** The agents' Socket.IO server (SPEC 3): authenticates, keeps one connection per host, measures its clock. */
export function serveAgents(options: AgentsOptions): Agents {
  const { clock, log, presence, counters } = options;
  const io = new Server(options.server, {
    path: AGENT_PATH,
    transports: ["websocket"],
    perMessageDeflate: false,
    httpCompression: false,
    serveClient: false,
    destroyUpgrade: false,
    maxHttpBufferSize: MAX_FRAME_BYTES,
    connectTimeout: 10_000,
    pingInterval: 2_000,
    allowRequest: (request, done) => {
      const judge = (): void => {
        const room = limits.roomForStranger(byHost.size) && options.strangers.mayTry(options.addressOf(request));
        answer(room ? null : "BUSY");
      };
      const answer = (code: ErrorCode | null): void => {
        if (code !== null) countOne(counters.agentHandshakesRefused, code);
        done(code, code === null);
      };
      if (!options.isForUs(request)) answer("BAD_ORIGIN");
      else if (!limits.inTurn(judge)) answer("BUSY");
    },
    pingTimeout: 8_000,
  });
  const limits = limitSockets(io, clock, (code) => countOne(counters.refused, code));
  const byHost = new Map<string, Connection>();
  const gate = createGate(QUESTIONS_AT_ONCE);

  const namespace = io.of(AGENT_NAMESPACE);
  namespace.use((socket, next) => {
    const refuse = (error: unknown): void => {
      const refused = refusedHandshake(error, log);
      countOne(counters.agentHandshakesRefused, refused.data.code);
      next(refused);
      limits.endRefused(socket);
    };
    if (!limits.isFirst(socket)) return refuse(new CodedError("BUSY"));
    admitAgent({ ...options, gate }, byHost.size, socket).then((hostId) => {
      socket.data.hostId = hostId;
      next();
    }, refuse);
  });
  namespace.on("connection", (socket) => connect(socket));

  return {
    disconnect: (hostId, code) => byHost.get(hostId)?.end(code, errorCodes[code].title),
    connected: () => [...byHost].filter(([, one]) => one.greeted).map(([hostId]) => hostId),
    isConnected: (hostId) => byHost.get(hostId)?.greeted === true,
    clockOf: (hostId) => byHost.get(hostId)?.clock ?? null,
    ask: async (hostId, message, timeoutMs) => {
      const one = byHost.get(hostId);
      if (!one) throw new Error(`no agent of host ${hostId} is connected`);
      return one.socket.timeout(timeoutMs).emitWithAck("message", message);
    },
    close: async () => {
      for (const one of byHost.values()) one.end("BUSY", "the hub stops");
      await io.close();
    },
  };

  function connect(socket: Socket): void {
    const hostId: string = socket.data.hostId;
    Reflect.set(socket.conn, "request", null); // the handshake's request, which engine.io would keep for the connection's life
    const estimate = new ClockEstimate();
    let bootId = "";
    const refusedOnce = new Set<ErrorCode>();
    const hostLog = log.child({ hostId });

    const end = (code: ErrorCode, detail: string): void => {
      session.close();
      if (code === "TOO_MANY") options.abuses.allow(hostId);
      socket.emit("message", { type: "goodbye", code, detail });
      socket.disconnect(true);
      hostLog.info({ event: "agent-ended", code }, detail);
    };
    const handle: Connection = { socket, end, greeted: false, clock: null };
    const reading = (one: Reading): void => {
      const now = estimate.add(one);
      handle.clock = { bootId, ...now };
      presence.setClockOffset(hostId, now.offsetNs.toString());
      options.onClock(hostId, bootId, now);
    };
    const askClock = (done = (): void => {}): void => {
      const sent = performance.now();
      socket.timeout(CLOCK_TIMEOUT_MS).emit("message", { type: "clock" }, (failed: Error | null, answer: unknown) => {
        const parsed = failed ? null : clockReadingSchema.safeParse(answer);
        if (!parsed?.success) return done();
        const { bootNs, wallNs } = parsed.data;
        const errorMs = (performance.now() - sent) / 2;
        reading({ hubMs: clock.now() - errorMs, errorMs, bootNs: BigInt(bootNs), wallNs: BigInt(wallNs) });
        done();
      });
    };
    const stopClock = clock.every(CLOCK_EVERY_MS, () => bootId !== "" && askClock());

    const session = new AgentSession(hostId, {
      committer: options.committer,
      counters,
      now: clock.now,
      open: (hello) =>
        gate(async () => {
          await saveAgentLabels(options.series, hostId, hello.labels ?? {});
          return openStream(options.series, hostId, hello, new Date(clock.now()));
        }),
      resume: (resumed, before) => {
        hostLog.info({ event: "stream-resumed", bootId: resumed.bootId, stream: resumed.stream }, "an agent goes on with what it kept");
        return gate(() => resumeStream(options.series, hostId, resumed, new Date(before)));
      },
      noteInterfaces: (list) => gate(() => noteInterfaces(options.series, hostId, list)),
      saveInterfaces: async (list) => {
        const ids = await gate(() => saveInterfaces(options.series, hostId, list));
        options.onChanged(hostId);
        return ids;
      },
      endpoints: options.endpoints,
      keepsPackets: options.keepsPackets,
      captures: options.captures,
      times: (resumed) => {
        const then = resumed && resumed.bootId !== bootId ? BigInt(resumed.wallNs) - BigInt(resumed.bootNs) : null;
        const wall = (): bigint => then ?? handle.clock?.bootToWallNs ?? 0n;
        return { bootToWallNs: wall, atUs: (bootNs) => withinPartitions(Number((bootNs + wall()) / 1000n), clock.now()) };
      },
      onHello(hello: AgentHello, receivedAt: number) {
        ({ bootId } = hello);
        // A one-way reading, until the answer to the first question replaces it.
        reading({ hubMs: receivedAt, errorMs: CLOCK_TIMEOUT_MS, bootNs: BigInt(hello.bootNs), wallNs: BigInt(hello.wallNs) });
        // What it is to hold may end at a time of its clock: first that is read.
        askClock(() => byHost.get(hostId) === handle && options.onGreeted(hostId, hello.filterSet));
        hostLog.info(
          { event: "agent-hello", bootId, stream: hello.stream, agentVersion: hello.passport.agentVersion },
          "an agent connected",
        );
        options.onChanged(hostId);
        handle.greeted = true;
      },
      onBatch: (header, bytes, sums) => options.onBatch(hostId, header, bytes, sums),
      onReport: (report) => {
        options.onReport(hostId, report);
        hostLog.debug({ event: "agent-report", ...report }, "what an agent says of itself");
      },
      onRefused(code, what) {
        if (what === "batch") options.refusals.add(hostId, code);
        // Who sends nonsense without end fills no log.
        const level = refusedOnce.has(code) ? "debug" : "warn";
        refusedOnce.add(code);
        hostLog[level]({ event: "agent-refused", code }, "refused what an agent sent");
      },
      end,
    });

    byHost.get(hostId)?.end("SUPERSEDED", errorCodes.SUPERSEDED.title);
    byHost.set(hostId, handle);
    counters.agents = byHost.size;
    const heard = (): void => presence.heard(hostId);
    heard();
    socket.conn.on("heartbeat", heard);
    socket.on("message", (input: unknown, reply: unknown) => {
      heard();
      if (typeof reply === "function") session.message(input, (answer) => reply(answer));
    });
    socket.on("batch", (input: unknown, reply: unknown) => {
      heard();
      if (typeof reply === "function") session.batch(input, (answer) => reply(answer));
    });
    socket.once("disconnect", (reason, description: unknown) => {
      if (isFrameTooLarge(description)) {
        countOne(counters.refused, "BATCH_TOO_LARGE");
        options.abuses.allow(hostId);
      }
      stopClock();
      session.close();
      socket.conn.off("heartbeat", heard);
      if (byHost.get(hostId) === handle) {
        byHost.delete(hostId);
        counters.agents = byHost.size;
        options.onGone(hostId);
      }
      hostLog.info({ event: "agent-gone", reason }, "an agent's connection ended");
    });
  }
}

/** What the WebSocket says when a frame is past `maxHttpBufferSize` (ws, as engine.io hands its error on). */
function isFrameTooLarge(description: unknown): boolean {
  return description instanceof Error && /max payload/i.test(description.message);
}

/** Keeps a time that a host's clock made up inside the days that are stored; the raw boot time is stored beside it. */
function withinPartitions(atUs: number, now: number): number {
  const { from, to } = partitionRange(now);
  return Math.min(Math.max(atUs, from * 1000), to * 1000 - 1);
}
