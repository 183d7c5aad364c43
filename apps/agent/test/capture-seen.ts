import {
  type AgentHello,
  type AgentStatus,
  BATCH_HEADER_BYTES,
  BatchKind,
  type EngineReport,
  COUNTER_ROW_BYTES,
  FILTER_ROW_BYTES,
  type FiltersAck,
  type FiltersMessage,
  agentMessageSchema,
  checkBatch,
  counterRowAt,
  filterRowAt,
  filtersAckSchema,
  headerAt,
  recordAt,
  viewOf,
} from "@sonde/protocol";
import type { Socket } from "socket.io";
import type { Answer } from "./hub.ts";

/** What a hub that pushes one set got of an agent's records; the capture's bit is 1. Each batch is taken once. */
export class CaptureSeen {
  set: FiltersMessage | null = null;
  answer: FiltersAck | null = null;
  status: AgentStatus | null = null;
  engine: EngineReport | null = null;
  hello: AgentHello | null = null;
  records = 0;
  /** Records the capture's bit selects. */
  captured = 0;
  /** As the batches' headers tell. */
  lost = 0;
  /** As the counters tell. */
  delivered = 0;
  /** By bit of the set. */
  readonly matched = new Map<number, number>();
  readonly #number: number;
  readonly #lengths: number[] = [];
  readonly #committed = { records: 0n, counters: 0n, flows: 0n, filterCounters: 0n };

  constructor(number: number) {
    this.#number = number;
  }

  /** Most bytes of a packet in any record of the set. */
  get longest(): number {
    return this.longestSince(0);
  }

  /** The same of the records behind the first `count`. */
  longestSince(count: number): number {
    return Math.max(0, ...this.#lengths.slice(count));
  }

  readonly accept = (socket: Socket): void => {
    socket.on("message", (input: unknown, answer: Answer) => {
      const message = agentMessageSchema.parse(input);
      if (message.type === "status") this.status = message;
      if (message.type === "engine") this.engine = message;
      if (message.type === "hello") this.hello = message;
      if (message.type !== "hello") return answer({ ok: true });
      const committed = Object.fromEntries(Object.entries(this.#committed).map(([kind, sequence]) => [kind, `${sequence}`]));
      answer({ ok: true, committed, endpoints: [], window: 16 });
      if (this.set !== null && message.filterSet !== this.#number)
        socket.emit("message", this.set, (ack: unknown) => (this.answer = filtersAckSchema.parse(ack)));
    });
    socket.on("batch", (bytes: Buffer, answer: Answer) => {
      this.#take(viewOf(bytes));
      answer({ ok: true });
    });
  };

  #take(view: DataView): void {
    const checked = checkBatch(view);
    if (!checked.ok) throw new Error(checked.code);
    const { kind, count, sequence } = checked.value;
    const name = ({ [BatchKind.records]: "records", [BatchKind.counters]: "counters", [BatchKind.flows]: "flows" } as const)[
      kind as 1 | 2 | 3
    ];
    const of = name ?? "filterCounters";
    if (sequence <= this.#committed[of]) return;
    this.#committed[of] = sequence;
    if (kind === BatchKind.records) this.lost = Math.max(this.lost, Number(view.getBigUint64(headerAt.queueLost, true)));
    let at = BATCH_HEADER_BYTES;
    for (let i = 0; i < count; i++) {
      if (kind === BatchKind.records) at += this.#record(view, at);
      else if (kind === BatchKind.counters) {
        this.delivered += Number(view.getBigUint64(at + counterRowAt.delivered, true));
        at += COUNTER_ROW_BYTES;
      } else if (kind === BatchKind.filterCounters) at += this.#row(view, at);
    }
  }

  #record(view: DataView, at: number): number {
    this.records++;
    if ((view.getUint32(at + recordAt.selected, true) & 2) !== 0) this.captured++;
    this.#lengths.push(view.getUint16(at + recordAt.capLen, true));
    return view.getUint16(at + recordAt.recLen, true);
  }

  #row(view: DataView, at: number): number {
    const bit = view.getUint32(at + filterRowAt.bit, true);
    const matched = Number(view.getBigUint64(at + filterRowAt.matched, true));
    if (view.getUint32(at + filterRowAt.filterSet, true) === this.#number) this.matched.set(bit, (this.matched.get(bit) ?? 0) + matched);
    return FILTER_ROW_BYTES;
  }
}
