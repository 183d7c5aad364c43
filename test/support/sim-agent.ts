import {
  AGENT_NAMESPACE,
  AGENT_PATH,
  type Ack,
  type AgentInterface,
  type BatchKindName,
  type HelloAck,
  type Passport,
  PROTOCOL_VERSION,
  batchKinds,
  headerAt,
  viewOf,
} from "@sonde/protocol";
import { type Socket, io } from "socket.io-client";
import { Backoff } from "../../apps/agent/src/uplink/backoff.ts";
import { defaultTiming } from "../../apps/agent/src/uplink/types.ts";

export type SimHost = { readonly hostId: string; readonly credential: string; readonly bootId: string };
export type SimOptions = {
  readonly url: string;
  readonly host: SimHost;
  readonly random: () => number;
  /** Comes back after an end, with the agent's own waits. */
  readonly reconnect?: boolean;
  readonly onReady?: () => void;
};

const passport: Passport = { hostname: "sim", kernel: "6.18.0", arch: "x86_64", os: "none", agentVersion: "0.1.0", cpus: 2, facts: [] };
export const simInterface: AgentInterface = { ifindex: 2, name: "eth0", kind: "ethernet", mac: null, mtu: 1500, up: true, hook: "tcx" };
/** Kernel boot time of every simulated host: the machine's monotonic clock, so that times compare across processes. */
export const bootNow = (): bigint => process.hrtime.bigint();

/** An agent as far as the hub can tell, without a kernel: handshake, hello, interfaces, clock, and whatever batches it is given. */
export class SimAgent {
  readonly #options: SimOptions;
  readonly #stream = BigInt(Math.floor(Math.random() * 2 ** 48)) + 1n;
  readonly #backoff: Backoff;
  #socket: Socket | null = null;
  #retry: NodeJS.Timeout | undefined;
  readonly #sequences = new Map<BatchKindName, bigint>();
  #stopped = false;

  constructor(options: SimOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ firstMs: defaultTiming.firstRetryMs, maxMs: defaultTiming.maxRetryMs, random: options.random });
  }

  get host(): SimHost {
    return this.#options.host;
  }

  /** Resolves when hello and interfaces are acknowledged; rejects when this attempt fails. */
  async connect(): Promise<void> {
    const { url, host } = this.#options;
    const { hostId, credential, bootId } = host;
    const socket = io(url + AGENT_NAMESPACE, {
      path: AGENT_PATH,
      transports: ["websocket"],
      reconnection: false,
      forceNew: true,
      auth: { protocol: PROTOCOL_VERSION, hostId, credential, agentVersion: "0.1.0" },
    });
    this.#socket = socket;
    socket.on("message", (message: { type: string }, answer: unknown) => {
      if (typeof answer !== "function") return;
      if (message.type === "clock") answer({ ok: true, bootNs: `${bootNow()}`, wallNs: wallNow() });
      else answer({ ok: false, code: "UNKNOWN_MESSAGE", detail: "a simulated agent" });
    });
    const ended = new Promise<never>((_, reject) => {
      socket.once("connect_error", (error) => reject(error));
      socket.once("disconnect", (reason) => reject(new Error(reason)));
    });
    ended.catch(() => this.#ended(socket));
    await Promise.race([ended, new Promise<void>((resolve) => socket.once("connect", () => resolve()))]);
    const hello = { type: "hello", bootId, stream: `${this.#stream}`, passport, bootNs: `${bootNow()}`, wallNs: wallNow() };
    const ack = (await Promise.race([ended, this.#ask("message", hello)])) as HelloAck;
    if (!ack.ok) throw new Error(`hello: ${ack.code}`);
    for (const kind of batchKinds) this.#sequences.set(kind, BigInt(ack.committed[kind]));
    const announced = (await Promise.race([ended, this.#ask("message", { type: "interfaces", interfaces: [simInterface] })])) as Ack;
    if (!announced.ok) throw new Error(`interfaces: ${announced.code}`);
    this.#backoff.reset();
    this.#options.onReady?.();
  }

  /** Numbers and stamps a batch of this agent's next sequence, and sends it; its bytes must rest until the answer. */
  send(bytes: Uint8Array): Promise<Ack> {
    const view = viewOf(bytes);
    view.setBigUint64(headerAt.stream, this.#stream, true);
    const kind = batchKinds[view.getUint16(headerAt.kind, true) - 1]!;
    const sequence = (this.#sequences.get(kind) ?? 0n) + 1n;
    this.#sequences.set(kind, sequence);
    view.setBigUint64(headerAt.sequence, sequence, true);
    view.setBigUint64(headerAt.lastNs, bootNow(), true);
    return this.#ask("batch", bytes) as Promise<Ack>;
  }

  /** Sends these bytes as a batch, whatever they are. */
  raw(bytes: Uint8Array): void {
    this.#socket?.emit("batch", bytes, () => {});
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#socket?.disconnect();
  }

  #ended(socket: Socket): void {
    if (this.#socket !== socket || this.#stopped || this.#options.reconnect !== true) return;
    socket.off();
    socket.disconnect();
    this.#retry = setTimeout(() => void this.connect().catch(() => {}), this.#backoff.next());
  }

  #ask(event: string, payload: unknown): Promise<unknown> {
    const socket = this.#socket;
    return socket === null
      ? Promise.reject(new Error("not connected"))
      : socket.timeout(defaultTiming.ackTimeoutMs).emitWithAck(event, payload);
  }
}

const wallNow = (): string => `${BigInt(Date.now()) * 1_000_000n}`;
