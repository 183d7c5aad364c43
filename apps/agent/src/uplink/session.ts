import {
  AGENT_NAMESPACE,
  AGENT_PATH,
  type AgentAuth,
  type AgentMessage,
  type BatchKindName,
  PROTOCOL_VERSION,
  ackSchema,
  goodbyeSchema,
  helloAckSchema,
  hubMessageSchema,
  resumeAckSchema,
} from "@sonde/protocol";
import { type Socket, io } from "socket.io-client";
import { connectFailure } from "./socket-error.ts";
import type { Outgoing, Timing, UplinkOptions } from "./types.ts";

/** Batches in flight are capped here too, whatever the hub allows. */
const MAX_WINDOW = 1024;
/** Refusals that pass by themselves: nothing was judged, so the batch is sent again. */
const passing = new Set(["BATCH_SEQUENCE", "BUSY", "TOO_MANY", "UNAVAILABLE", "INTERNAL"]);
/** Refusals that only a person, or another process's end, can lift. */
const lasting = new Set(["CREDENTIAL_REFUSED", "PROTOCOL_VERSION", "PIN_MISMATCH", "SUPERSEDED"]);

export type SessionEnd =
  | { readonly type: "disconnected" | "unreachable"; readonly reason: string; readonly lasting: false }
  | { readonly type: "refused"; readonly code: string; readonly detail: string; readonly lasting: boolean };

type Handlers = {
  /** Hello and interfaces are acknowledged: batches flow. */
  readonly onReady: (address: string) => void;
  /** Exactly once; the socket is closed then. */
  readonly onEnd: (end: SessionEnd) => void;
};

/** One connection from handshake to end: hello → interfaces → batches (SPEC section 3 and 4). Never reconnects. */
export class Session {
  readonly #options: UplinkOptions;
  readonly #timing: Timing;
  readonly #handlers: Handlers;
  readonly #socket: Socket;
  #window = 0;
  /** Batches wait while an announcement, a hello or a pause the hub asked for is pending. */
  #gates = 1;
  /** Raised by a pause: refusals of batches sent before it are the echo of the first one. */
  #round = 0;
  #announcing: Promise<void> = Promise.resolve();
  #timers = new Set<NodeJS.Timeout>();
  /** An earlier run is being opened, or may not be for a while. */
  #resuming = false;
  /** The hub knows this host and its interfaces. */
  #ready = false;
  #ended = false;

  constructor(options: UplinkOptions, timing: Timing, handlers: Handlers) {
    this.#options = options;
    this.#timing = timing;
    this.#handlers = handlers;
    const auth: AgentAuth = {
      protocol: PROTOCOL_VERSION,
      hostId: options.hostId,
      credential: options.credential,
      agentVersion: options.agentVersion,
    };
    this.#socket = io(`${options.url.origin}${AGENT_NAMESPACE}`, {
      path: AGENT_PATH,
      transports: ["websocket"],
      forceNew: true,
      reconnection: false,
      autoConnect: false,
      timeout: 20_000,
      auth,
      // Typed for browsers' polling; in Node it is handed to ws as it is.
      agent: options.agent as unknown as string,
    });
    this.#listen();
    this.#socket.connect();
  }

  /** Tells the hub the present interfaces; no batch leaves before it has them (SPEC 3.3). */
  announce(): void {
    if (this.#window > 0) void this.#announce(false).catch((error: unknown) => this.#fail(error));
  }

  /** Tells the hub how this agent is. */
  report(): void {
    if (this.#ready && !this.#ended) this.#tell(this.#options.status());
  }

  /** Tells the hub what is loaded in the kernel. */
  reportEngine(): void {
    const report = this.#ready && !this.#ended ? this.#options.engine() : null;
    if (report !== null) this.#tell(report);
  }

  /** Sends what the window allows. */
  pump(): void {
    if (this.#gates > 0 || this.#ended) return;
    for (let out = this.#options.outbox.next(this.#window); out !== null; out = this.#options.outbox.next(this.#window)) {
      void this.#send(out);
    }
    if (!this.#resuming) void this.#resume().catch((error: unknown) => this.#fail(error));
  }

  close(): void {
    this.#end({ type: "disconnected", reason: "closed by the agent", lasting: false });
  }

  #listen(): void {
    const socket = this.#socket;
    let reachedBy = "";
    socket.io.on("open", () => (reachedBy = remoteAddress(socket)));
    socket.on("connect", () => void this.#greet(reachedBy).catch((error: unknown) => this.#fail(error)));
    socket.on("connect_error", (error) => {
      const { code, detail, refused } = connectFailure(error);
      if (refused) this.#refused(code, detail);
      else this.#end({ type: "unreachable", reason: detail, lasting: false });
    });
    socket.on("disconnect", (reason) => this.#end({ type: "disconnected", reason, lasting: false }));
    socket.on("goodbye", (message: unknown) => this.#goodbye(message));
    socket.on("message", (message: unknown, answer: unknown) => {
      if (!this.#goodbye(message)) this.#obey(message, typeof answer === "function" ? (reply) => void answer(reply) : () => {});
    });
  }

  async #greet(reachedBy: string): Promise<void> {
    const ack = helloAckSchema.parse(await this.#ask(this.#options.hello()));
    if (!ack.ok) return this.#refused(ack.code, ack.detail);
    this.#options.onEndpoints(ack.endpoints, reachedBy);
    if (!this.#options.outbox.resume(asNumbers(ack.committed))) {
      this.#options.onGap();
      return this.#refused("BATCH_SEQUENCE", "the hub cannot continue this stream; a new one begins");
    }
    this.#window = Math.min(ack.window, MAX_WINDOW);
    await this.#announce(true);
    if (this.#ended) return;
    this.#ready = true;
    this.#every(this.#timing.statusMs, () => this.report());
    this.#every(this.#timing.engineMs, () => this.reportEngine());
    this.#handlers.onReady(reachedBy);
    this.#gates--;
    this.pump();
    this.report(); // what happened while nobody was told
    this.reportEngine();
  }

  /** One announcement at a time, so that the hub ends with the newest. */
  #announce(resuming: boolean): Promise<void> {
    this.#gates++;
    this.#announcing = this.#announcing.then(async () => {
      const interfaces = [...this.#options.interfaces(resuming)];
      const ack = ackSchema.parse(await this.#ask({ type: "interfaces", interfaces }));
      this.#gates--;
      if (!ack.ok) return this.#refused(ack.code, ack.detail);
      this.pump();
    });
    return this.#announcing;
  }

  /** Opens what earlier runs left, one after another (SPEC 4.10). A refusal is asked again after a pause. */
  async #resume(): Promise<void> {
    const { outbox, onEvent } = this.#options;
    const message = outbox.earlier();
    if (message === null) return;
    this.#resuming = true;
    const ack = resumeAckSchema.parse(await this.#ask(message));
    if (this.#ended) return;
    if (!ack.ok) onEvent({ type: "resume-refused", stream: BigInt(message.stream), code: ack.code, detail: ack.detail });
    if (ack.ok && outbox.resumeEarlier(asNumbers(ack.committed))) {
      this.#resuming = false;
      return this.pump();
    }
    this.#after(this.#timing.resumeRetryMs, () => {
      this.#resuming = false;
      this.pump();
    });
  }

  async #send(out: Outgoing): Promise<void> {
    const { outbox, onEvent } = this.#options;
    const round = this.#round;
    try {
      const ack = ackSchema.parse(await this.#socket.timeout(this.#timing.ackTimeoutMs).emitWithAck("batch", out.bytes));
      if (this.#ended) return; // its place in the next session is decided by the next hello
      if (ack.ok) {
        outbox.acknowledge(out);
      } else if (!passing.has(ack.code)) {
        outbox.refuse(out);
        onEvent({ type: "batch-refused", kind: out.kind, sequence: out.sequence, code: ack.code, detail: ack.detail });
      } else if (round === this.#round) {
        this.#holdBack(ack.code);
      }
      this.pump();
    } catch (error) {
      this.#fail(error);
    }
  }

  #holdBack(code: string): void {
    const retryMs = this.#timing.holdBackMs * (0.5 + this.#options.random());
    this.#round++;
    this.#gates++;
    this.#options.onEvent({ type: "held-back", code, retryMs });
    this.#after(retryMs, () => {
      this.#options.outbox.rewind();
      this.#gates--;
      this.pump();
    });
  }

  #after(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
  }

  #ask(message: AgentMessage): Promise<unknown> {
    return this.#socket.timeout(this.#timing.ackTimeoutMs).emitWithAck("message", message);
  }

  #tell(message: AgentMessage): void {
    void this.#ask(message).catch((error: unknown) => this.#fail(error));
  }

  #goodbye(message: unknown): boolean {
    const parsed = goodbyeSchema.safeParse(message);
    if (parsed.success) this.#refused(parsed.data.code, parsed.data.detail);
    return parsed.success;
  }

  #obey(message: unknown, answer: (reply: unknown) => void): void {
    const parsed = hubMessageSchema.safeParse(message);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      if (issue?.code === "invalid_union")
        return answer({ ok: false, code: "UNKNOWN_MESSAGE", detail: "not a message of this protocol version" });
      return answer({ ok: false, code: "BAD_REQUEST", detail: `${issue?.path.join(".")}: ${issue?.message}`.slice(0, 500) });
    }
    switch (parsed.data.type) {
      case "clock":
        return answer(this.#options.clock());
      case "sampling":
        try {
          this.#options.onSampling({ n: parsed.data.n, snaplen: parsed.data.snaplen });
          return answer({ ok: true });
        } catch (error) {
          return answer({ ok: false, code: "BAD_REQUEST", detail: String(error).slice(0, 500) });
        }
      case "filters":
        return void this.#options.onFilters(parsed.data).then(answer);
    }
  }

  #every(ms: number, run: () => void): void {
    this.#timers.add(setInterval(run, ms));
  }

  #refused(code: string, detail: string): void {
    this.#end({ type: "refused", code, detail, lasting: lasting.has(code) });
  }

  #fail(error: unknown): void {
    this.#end({ type: "disconnected", reason: error instanceof Error ? error.message : String(error), lasting: false });
  }

  #end(end: SessionEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#options.outbox.rewind();
    this.#socket.off();
    this.#socket.disconnect();
    this.#handlers.onEnd(end);
  }
}

function asNumbers({ records, counters, flows, filterCounters }: Record<BatchKindName, string>): Record<BatchKindName, bigint> {
  return { records: BigInt(records), counters: BigInt(counters), flows: BigInt(flows), filterCounters: BigInt(filterCounters) };
}

/** The peer's address of the WebSocket under a Socket.IO client; "" when the transport does not say. */
function remoteAddress(socket: Socket): string {
  const transport: unknown = socket.io.engine.transport;
  const { ws } = transport as { ws?: { _socket?: { remoteAddress?: string } } };
  return ws?._socket?.remoteAddress ?? "";
}
