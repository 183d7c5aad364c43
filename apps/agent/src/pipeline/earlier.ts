import {
  type AgentResume,
  BATCH_HEADER_BYTES,
  BatchKind,
  type BatchKindName,
  batchKinds,
  frameBatch,
  headerAt,
  viewOf,
} from "@sonde/protocol";
import type { EarlierRun, Entry, LossyKind } from "../kept.ts";
import type { Sampling } from "../sampling.ts";
import { Lane } from "./lane.ts";
import { sendOrder } from "./queue.ts";
import type { Committed, Outgoing } from "./queue-types.ts";
import { stampEntry } from "./stamp.ts";

const lossy = ["flows", "records"] as const satisfies readonly LossyKind[];

/** What an earlier run of the agent kept, on its way under that run's own stream (SPEC 4.10). */
export class EarlierStream {
  readonly #run: EarlierRun;
  readonly #hostId: string;
  readonly #lanes: Record<BatchKindName, Lane>;
  /** Losses that the hub has been told of. */
  #told: Record<LossyKind, bigint> = { records: 0n, flows: 0n };
  /** The hub has named what it has, at least once. */
  #settled = false;
  #open = false;
  #sampling: Sampling = { sampleN: 1, snaplen: 0 };

  constructor(run: EarlierRun, hostId: string) {
    this.#run = run;
    this.#hostId = hostId;
    const { records, counters, flows, filterCounters } = run.chains;
    this.#lanes = {
      records: new Lane(records),
      counters: new Lane(counters),
      flows: new Lane(flows),
      filterCounters: new Lane(filterCounters),
    };
  }

  get stream(): bigint {
    return this.#run.stream;
  }

  /** The hub takes its batches on the connection that there is. */
  get open(): boolean {
    return this.#open;
  }

  get inFlight(): number {
    return Object.values(this.#lanes).reduce((sum, lane) => sum + lane.cursor, 0);
  }

  /** Everything was delivered, also how much was lost. */
  get finished(): boolean {
    return this.#settled && batchKinds.every((kind) => this.#lanes[kind].length === 0) && lossy.every((kind) => !this.#owes(kind));
  }

  message(): AgentResume {
    const { bootId, stream, clock, interfaces } = this.#run;
    return { type: "resume", bootId, stream: stream.toString(), ...clock, interfaces: [...interfaces] };
  }

  /** Goes on from what the hub has. False when the disk refuses: nothing can be sent on this connection. */
  resume(committed: Committed): boolean {
    if (!this.#settled && !this.#run.resumed(committed)) return false;
    this.#settled = true;
    for (const kind of batchKinds) {
      const lane = this.#lanes[kind];
      for (const entry of lane.settleThrough(committed[kind])) this.#done(kind, entry);
      for (const entry of lane.renumber(committed[kind])) {
        this.#stamp(kind, entry);
        if (entry.place?.stamp() === false) return false;
      }
    }
    this.#open = true;
    return true;
  }

  /** The connection has ended. */
  suspend(): void {
    this.#open = false;
    this.rewind();
  }

  rewind(): void {
    for (const lane of Object.values(this.#lanes)) lane.cursor = 0;
  }

  next(): Outgoing | null {
    if (!this.#open) return null;
    for (const kind of sendOrder) {
      const lane = this.#lanes[kind];
      const entry = lane.again() ?? lane.takeKept((taken) => this.#stamp(kind, taken)) ?? this.#last(kind);
      if (entry !== null) return { kind, stream: this.stream, sequence: entry.sequence, bytes: entry.bytes };
    }
    return null;
  }

  /** The hub has committed a batch, or refused it for good. */
  settle(kind: BatchKindName, sequence: bigint): void {
    const entry = this.#lanes[kind].settle(sequence);
    if (entry !== null) this.#done(kind, entry);
  }

  remove(): void {
    this.#run.remove();
  }

  /** An empty batch that carries a loss which no other will (SPEC 4.13). */
  #last(kind: BatchKindName): Entry | null {
    const lane = this.#lanes[kind];
    if ((kind !== "records" && kind !== "flows") || lane.length > 0 || !this.#owes(kind)) return null;
    const bytes = new ArrayBuffer(BATCH_HEADER_BYTES);
    const at = BigInt(this.#run.clock.bootNs);
    frameBatch(viewOf(bytes), { kind: BatchKind[kind], count: 0, bodyLen: 0, firstNs: at, lastNs: at });
    lane.waiting.push({ bytes, records: 0, ...this.#sampling, lent: false, sequence: 0n, sends: 0, place: null });
    const entry = lane.take();
    if (entry !== null) this.#stamp(kind, entry);
    return entry;
  }

  #owes(kind: LossyKind): boolean {
    return this.#run.lost[kind] > this.#told[kind];
  }

  #stamp(kind: BatchKindName, entry: Entry): void {
    const { bootId, stream, lost } = this.#run;
    stampEntry(entry, { hostId: this.#hostId, bootId, stream, queueLost: lost[kind === "flows" ? "flows" : "records"] });
  }

  #done(kind: BatchKindName, { bytes, place, sampleN, snaplen }: Entry): void {
    place?.done();
    this.#sampling = { sampleN, snaplen };
    if (kind === "records" || kind === "flows") this.#told[kind] = viewOf(bytes).getBigUint64(headerAt.queueLost, true);
  }
}
