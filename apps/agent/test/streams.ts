import { type BatchHeader, BatchKind, type BatchKindName, agentMessageSchema, batchKinds, checkBatch, viewOf } from "@sonde/protocol";
import type { Socket } from "socket.io";
import type { Answer } from "./hub.ts";
import { none } from "./queue-fixture.ts";

type Stream = { readonly committed: Record<BatchKindName, bigint>; records: number; lost: bigint };

/** The hub's side of the rules of delivery (SPEC 3.2, 4): keeps where each stream stands over its own ends, and judges every batch. */
export class Streams {
  readonly byStream = new Map<string, Stream>();
  /** Batches that came a second time. */
  again = 0;
  resumed = 0;
  /** Kind and stream of each new batch, in order. */
  readonly order: { readonly kind: BatchKindName; readonly stream: string }[] = [];
  /** Called for each new batch before it counts. */
  onBatch: (header: BatchHeader) => void = () => undefined;

  get records(): number {
    return [...this.byStream.values()].reduce((sum, each) => sum + each.records, 0);
  }

  readonly accept = (socket: Socket): void => {
    const open = new Set<string>();
    socket.on("message", (input: unknown, answer: Answer) => {
      const message = agentMessageSchema.parse(input);
      if (message.type !== "hello" && message.type !== "resume") return answer({ ok: true });
      if (message.type === "resume") this.resumed++;
      open.add(message.stream);
      const { records, counters, flows, filterCounters } = this.#of(message.stream).committed;
      const committed = { records: `${records}`, counters: `${counters}`, flows: `${flows}`, filterCounters: `${filterCounters}` };
      answer({ ok: true, committed, endpoints: [], window: 16 });
    });
    socket.on("batch", (bytes: Buffer, answer: Answer) => {
      const checked = checkBatch(viewOf(bytes));
      if (!checked.ok) throw new Error(checked.code);
      const { stream, kind, sequence, count, queueLost } = checked.value;
      if (!open.has(`${stream}`)) return answer({ ok: false, code: "BATCH_STREAM", detail: "not opened" });
      const mine = this.#of(`${stream}`);
      const name = batchKinds[kind - 1]!;
      if (sequence <= mine.committed[name]) {
        this.again++;
        return answer({ ok: true });
      }
      if (sequence !== mine.committed[name] + 1n) return answer({ ok: false, code: "BATCH_SEQUENCE", detail: "a gap" });
      this.onBatch(checked.value);
      mine.committed[name] = sequence;
      this.order.push({ kind: name, stream: `${stream}` });
      if (kind === BatchKind.records) mine.records += count;
      if (kind !== BatchKind.flows && queueLost > mine.lost) mine.lost = queueLost;
      answer({ ok: true });
    });
  };

  #of(stream: string): Stream {
    const found = this.byStream.get(stream) ?? { committed: { ...none }, records: 0, lost: 0n };
    this.byStream.set(stream, found);
    return found;
  }
}
