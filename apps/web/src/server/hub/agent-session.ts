import { setImmediate as nextTurn } from "node:timers/promises";
import {
  CodedError,
  agentMessageSchema,
  headerAt,
  isCodedError,
  uplinksOf,
  viewOf,
  type Ack,
  type AgentHello,
  type AgentInterface,
  type AgentResume,
  type AgentStatus,
  type BatchHeader,
  type BatchKind,
  type EngineReport,
  type ErrorCode,
  type HelloAck,
  type ResumeAck,
} from "@sonde/protocol";
import { isStorable } from "../storable.ts";
import type { OpenedStream } from "../store/streams.ts";
import type { StoredBatch } from "../store/commit-batches.ts";
import type { CounterSums } from "../store/series.ts";
import { OK, TOO_MANY, asText, isStatus, mustBeDistinct, refusal } from "./answers.ts";
import { nameOf, type Announced, type StreamTimes, type Verdict } from "./batch-intake.ts";
import type { CaptureBook, SetBits } from "./capture-book.ts";
import type { Committer } from "./committer.ts";
import { countOne, type HubCounters } from "./counters.ts";
import { Intakes } from "./intakes.ts";
import { cutForLive } from "./live-cut.ts";
import { WindowCount } from "./window-count.ts";

/** Batches an agent may have unacknowledged (SPEC 4.1). */
export const WINDOW = 16;
const MAX_INBOX = 4 * WINDOW;
const MAX_MESSAGES = 60;
/** Who goes on after being told TOO_MANY this often is cut off. */
const MAX_DEAF_MESSAGES = 5 * MAX_MESSAGES;
const MAX_REFUSALS = 300;
const WINDOW_MS = 10_000;
/** A batch older than this is history that an agent kept: it is stored, and not shown as live. */
const LIVE_MS = 10_000;

/** What a session asks of the hub around it. */
export type SessionPorts = {
  readonly committer: Committer;
  readonly counters: HubCounters;
  readonly now: () => number;
  readonly open: (hello: AgentHello) => Promise<OpenedStream>;
  /** Notes an earlier stream; it began before `before`, hub time in ms. */
  readonly resume: (message: AgentResume, before: number) => Promise<OpenedStream>;
  /** Ids by index of interfaces that an earlier stream names; what the host has now stays as it is. */
  readonly noteInterfaces: (list: readonly AgentInterface[]) => Promise<Map<number, number>>;
  readonly saveInterfaces: (list: readonly AgentInterface[]) => Promise<Map<number, number>>;
  readonly endpoints: () => Promise<{ address: string; port: number }[]>;
  readonly captures: CaptureBook;
  /** How to read the times of the hello's stream (null), or of an earlier one: by the clocks it read then where the host has booted since. */
  readonly times: (resumed: AgentResume | null) => StreamTimes;
  /** Whether records of packets are stored. */
  readonly keepsPackets: () => boolean;
  /** `receivedAt`: hub time at which the hello came. */
  readonly onHello: (hello: AgentHello, receivedAt: number) => void;
  readonly onBatch: (header: BatchHeader, bytes: Uint8Array, sums: CounterSums | null) => void;
  readonly onReport: (report: AgentStatus | EngineReport) => void;
  /** A message or a batch was refused. */
  readonly onRefused: (code: ErrorCode, what: "message" | "batch") => void;
  /** Ends the connection, after a goodbye with the code. */
  readonly end: (code: ErrorCode, detail: string) => void;
};

type Reply<T> = (answer: T) => void;
type Answer = HelloAck | ResumeAck | Ack;
type Item =
  | { readonly kind: "message"; readonly input: unknown; readonly receivedAt: number; readonly reply: Reply<Answer> }
  | { readonly kind: "batch"; readonly input: unknown; readonly reply: Reply<Ack> };

/**
 * One agent connection after its handshake. What arrives is handled in order, one at a time: a batch that follows an
 * `interfaces` message finds them stored. Batches are only queued here and a status needs nothing, so that control
 * never waits for data.
 */
export class AgentSession {
  private readonly hostId: string;
  private readonly ports: SessionPorts;
  private readonly inbox: Item[] = [];
  private busy = false;
  private closed = false;
  private intakes: Intakes | null = null;
  private times: StreamTimes | null = null;
  private helloAt = 0;
  private announced: Announced = { interfaces: new Map(), uplinks: new Set() };
  private readonly unsettled = new Map<string, Reply<Ack>[]>();
  private refusedNow = false;
  private readonly refusals: WindowCount;
  private readonly messages: WindowCount;

  constructor(hostId: string, ports: SessionPorts) {
    this.hostId = hostId;
    this.ports = ports;
    this.refusals = new WindowCount(WINDOW_MS, ports.now);
    this.messages = new WindowCount(WINDOW_MS, ports.now);
  }

  /** Stops answering. Batches that wait are still committed. Idempotent. */
  close(): void {
    this.closed = true;
    this.inbox.length = 0;
  }

  message(input: unknown, reply: Reply<Answer>): void {
    const now = this.ports.now();
    const count = this.messages.add();
    if (count > MAX_MESSAGES) {
      countOne(this.ports.counters.refused, "TOO_MANY");
      if (count === MAX_DEAF_MESSAGES) this.ports.end("TOO_MANY", "too many messages");
      return this.closed ? undefined : reply(TOO_MANY);
    }
    if (this.intakes && isStatus(input)) void this.takeMessage(input, now, reply);
    else this.enqueue({ kind: "message", input, receivedAt: now, reply });
  }

  batch(input: unknown, reply: Reply<Ack>): void {
    if (input instanceof Uint8Array) this.ports.counters.batchBytes += input.byteLength;
    this.enqueue({ kind: "batch", input, reply });
  }

  private enqueue(item: Item): void {
    if (this.closed) return;
    if (this.inbox.length >= MAX_INBOX || this.unsettled.size > 2 * WINDOW) {
      return this.ports.end("TOO_MANY", `more than ${WINDOW} batches are unacknowledged`);
    }
    this.inbox.push(item);
    if (!this.busy) void this.drain();
  }

  private async drain(): Promise<void> {
    this.busy = true;
    for (let item = this.inbox.shift(); item && !this.closed; item = this.inbox.shift()) {
      if (item.kind === "batch") {
        const bits = this.ports.captures.of(item.input);
        this.takeBatch(item.input, item.reply, bits instanceof Promise ? await bits : bits);
      } else await this.takeMessage(item.input, item.receivedAt, item.reply);
      // One refusal a turn: who sends nonsense without waiting for answers takes no time of others', and fills its inbox.
      if (this.refusedNow) await nextTurn();
      this.refusedNow = false;
    }
    this.busy = false;
  }

  private async takeMessage(input: unknown, receivedAt: number, reply: Reply<Answer>): Promise<void> {
    try {
      const answer = await this.answer(input, receivedAt);
      if (!this.closed) reply(answer);
    } catch (error) {
      const code = isCodedError(error) ? error.code : "UNAVAILABLE";
      countOne(this.ports.counters.refused, code);
      this.ports.onRefused(code, "message");
      if (!this.closed) reply(refusal(code, isCodedError(error) ? error.message : undefined));
    }
  }

  private async answer(input: unknown, receivedAt: number): Promise<Answer> {
    const parsed = agentMessageSchema.safeParse(input);
    if (!parsed.success) {
      const unknown = parsed.error.issues[0]?.code === "invalid_union";
      const field = parsed.error.issues[0]?.path.join(".") ?? "";
      throw unknown ? new CodedError("UNKNOWN_MESSAGE") : new CodedError("BAD_REQUEST", `${field}: not as expected`);
    }
    if (!isStorable(parsed.data)) throw new CodedError("BAD_REQUEST", "The text holds a NUL or an unpaired surrogate");
    const message = parsed.data;
    if (message.type === "hello") return this.hello(message, receivedAt);
    if (!this.intakes) throw new CodedError("HELLO_REQUIRED");
    switch (message.type) {
      case "interfaces":
        await this.announce(message.interfaces);
        break;
      case "status":
      case "engine":
        this.ports.onReport(message);
        break;
      case "resume":
        return this.resume(message, this.intakes);
    }
    return OK;
  }

  private async hello(message: AgentHello, receivedAt: number): Promise<HelloAck> {
    if (this.intakes) throw new CodedError("BAD_REQUEST", "hello was said already");
    await this.ports.committer.idle(this.hostId); // what an earlier connection sent counts as committed or not
    const { committed, hostNumber } = await this.ports.open(message);
    const endpoints = await this.ports.endpoints();
    const stream = { hostId: this.hostId, hostNumber, bootId: message.bootId, stream: BigInt(message.stream) };
    const { keepsPackets } = this.ports;
    this.times = this.ports.times(null);
    this.intakes = new Intakes({ ...stream, announced: () => this.announced, times: this.times, keepsPackets }, committed);
    this.helloAt = receivedAt;
    this.ports.onHello(message, receivedAt);
    return { ok: true, committed: asText(committed), endpoints, window: WINDOW };
  }

  /** SPEC 4.9. */
  private async resume(message: AgentResume, intakes: Intakes): Promise<ResumeAck> {
    if (intakes.isLive(message.bootId, BigInt(message.stream))) throw new CodedError("BAD_REQUEST", "stream: it is the one of the hello");
    mustBeDistinct(message.interfaces);
    await this.ports.committer.idle(this.hostId); // as for hello
    const { committed, hostNumber } = await this.ports.resume(message, this.helloAt);
    const announced: Announced = {
      interfaces: await this.ports.noteInterfaces(message.interfaces),
      uplinks: uplinksOf(message.interfaces),
    };
    const stream = { hostId: this.hostId, hostNumber, bootId: message.bootId, stream: BigInt(message.stream) };
    intakes.resume(
      { ...stream, announced: () => announced, times: this.ports.times(message), keepsPackets: this.ports.keepsPackets },
      committed,
    );
    return { ok: true, committed: asText(committed) };
  }

  private async announce(list: readonly AgentInterface[]): Promise<void> {
    mustBeDistinct(list);
    this.announced = { interfaces: await this.ports.saveInterfaces(list), uplinks: uplinksOf(list) };
  }

  /** `bits`: of its filter set; null where they cannot be told now. */
  private takeBatch(input: unknown, reply: Reply<Ack>, bits: SetBits | null): void {
    if (!this.intakes) return this.refuse("HELLO_REQUIRED", reply);
    if (!(input instanceof Uint8Array)) return this.refuse("BAD_REQUEST", reply);
    const view = viewOf(input);
    const room = bits !== null && this.ports.committer.hasRoom(this.hostId);
    const verdict = this.intakes.take(view, room, bits?.captures);
    switch (verdict.kind) {
      case "refuse":
        return verdict.code === "BUSY" ? this.holdBack(reply) : this.refuse(verdict.code, reply);
      case "known":
        return this.acknowledgeKnown(view, reply);
      case "accept":
        this.show(verdict, input, bits?.live ?? []);
        return this.store(verdict.batch, reply);
    }
  }

  private show({ header, batch }: Verdict & { kind: "accept" }, input: Uint8Array, live: readonly number[]): void {
    if (!header || !this.times || this.intakes?.isLive(header.bootId, header.stream) !== true) return;
    if (this.ports.now() - this.times.atUs(header.lastNs) / 1000 >= LIVE_MS) return;
    const sums = batch.rows?.table === "interface_counters" ? batch.rows.sums : null;
    this.ports.onBatch(header, cutForLive(input, header.count, live), sums);
  }

  private store(batch: StoredBatch, reply: Reply<Ack>): void {
    const key = `${batch.stream}/${batch.kind}/${batch.sequence}`;
    const replies = [reply];
    if (batch.refusal) this.count(batch.refusal);
    const answer = batch.refusal ? refusal(batch.refusal) : OK;
    this.unsettled.set(key, replies);
    this.ports.committer.push(batch, (outcome) => {
      this.unsettled.delete(key);
      if (outcome === "committed") this.committed(batch);
      if (this.closed) return;
      if (outcome === "committed") for (const each of replies) each(answer);
      else this.ports.end("INTERNAL", "the hub could not store a batch; send again what was not acknowledged");
    });
  }

  private committed({ kind, rows, records, refusal: refused }: StoredBatch): void {
    if (refused !== null) return;
    this.ports.counters.batches[kind]++;
    this.ports.counters.records[kind] += rows?.count ?? records;
  }

  /** SPEC 4.1: the agent pauses and sends it again. */
  private holdBack(reply: Reply<Ack>): void {
    this.ports.counters.heldBack++;
    reply(refusal("BUSY", "too much waits for the database"));
  }

  /** SPEC 4.4: acknowledged again, and if it still waits, after its commit. */
  private acknowledgeKnown(view: DataView, reply: Reply<Ack>): void {
    this.ports.counters.duplicates++;
    const kind = nameOf(view.getUint16(headerAt.kind, true) as BatchKind);
    const waiting = this.unsettled.get(`${view.getBigUint64(headerAt.stream, true)}/${kind}/${view.getBigUint64(headerAt.sequence, true)}`);
    if (waiting) waiting.push(reply);
    else reply(OK);
  }

  private refuse(code: ErrorCode, reply: Reply<Ack>): void {
    this.count(code);
    reply(refusal(code));
  }

  private count(code: ErrorCode): void {
    this.refusedNow = true;
    if (this.refusals.add() > MAX_REFUSALS) this.ports.end("TOO_MANY", "too many refused batches");
    countOne(this.ports.counters.refused, code);
    this.ports.onRefused(code, "batch");
  }
}
