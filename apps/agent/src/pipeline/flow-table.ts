import { BatchKind, FLOW_BYTES, FLOW_KEY_BYTES, FlowEnd, RowBatches, flowAt, viewOf } from "@sonde/protocol";

/** Drains as the engine hands them out: u64 boot time, u32 rows, u32 zero, then the rows. */
const DRAIN_HEADER_BYTES = 16;
const WORDS = FLOW_BYTES / 8;
const FIRST = flowAt.firstNs / 8;
const LAST = flowAt.lastNs / 8;
const FRAMES = flowAt.frames / 8;
const PACKETS = flowAt.packets / 8;
const BYTES = flowAt.bytes / 8;

const TCP = 6;
const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;

export type FlowOptions = {
  /** A flow that goes on gets a record each so many ns. Default 60 s. */
  readonly activeNs?: bigint;
  /** A flow that is silent for so long has ended. Default 15 s. */
  readonly idleNs?: bigint;
  /** How long a closed connection may still say something, from its close or its last packet on. Default 2 s. */
  readonly lingerNs?: bigint;
  /** Flows held; beyond it the oldest get their record early. Default 65,536. */
  readonly maxFlows?: number;
};

/**
 * Makes flow records (SPEC 2.10) of what the kernel counted between two drains. Pure: the time is that of the drains.
 * Whatever a drain held is in exactly one record: a full table ends flows early, and nothing is ever left out.
 * A flow is 13 words of one array, found by the text of its key's bytes: no object per flow or drained row.
 */
export class FlowTable {
  readonly #options: Required<FlowOptions>;
  /** Slot by key, oldest flow first. */
  readonly #slots = new Map<string, number>();
  readonly #words: BigUint64Array;
  readonly #bytes: Buffer;
  /** When the connection was found closed; 0 while it is open. */
  readonly #closedNs: BigUint64Array;
  readonly #free: number[] = [];
  /** Slots below this one were in use at some time. */
  #used = 0;
  readonly #records = new RowBatches(BatchKind.flows, FLOW_BYTES);
  #earliest = 0n;
  #nowNs = 0n;

  constructor(options: FlowOptions = {}) {
    this.#options = { activeNs: 60_000_000_000n, idleNs: 15_000_000_000n, lingerNs: 2_000_000_000n, maxFlows: 65_536, ...options };
    const words = new ArrayBuffer(this.#options.maxFlows * FLOW_BYTES);
    this.#words = new BigUint64Array(words);
    this.#bytes = Buffer.from(words);
    this.#closedNs = new BigUint64Array(this.#options.maxFlows);
  }

  /** Flows held. */
  get size(): number {
    return this.#slots.size;
  }

  /** Takes in a drain and answers the batches of the flow records that are due by its time. */
  drain(drained: ArrayBuffer): ArrayBuffer[] {
    const view = viewOf(drained);
    this.#nowNs = view.getBigUint64(0, true);
    const rows = view.getUint32(8, true);
    const words = new BigUint64Array(drained, DRAIN_HEADER_BYTES, rows * WORDS);
    const bytes = Buffer.from(drained, DRAIN_HEADER_BYTES, rows * FLOW_BYTES);
    const oldest = this.#slots.entries();
    for (let row = 0; row < rows; row++) this.#merge(words, bytes, { row, oldest });
    this.#age();
    return this.#take();
  }

  /** Ends all flows, or those of some interfaces, as forced, and answers their batches. */
  end(interfaces: ReadonlySet<number> | "all"): ArrayBuffer[] {
    if (interfaces !== "all" && interfaces.size === 0) return [];
    for (const [key, slot] of this.#slots) {
      const ifindex = this.#bytes.readUInt32LE(slot * FLOW_BYTES + flowAt.ifindex);
      if (interfaces === "all" || interfaces.has(ifindex)) this.#write(key, slot, FlowEnd.forced);
    }
    return this.#take();
  }

  #merge(words: BigUint64Array, bytes: Buffer, { row, oldest }: { row: number; oldest: Iterator<[string, number]> }): void {
    const at = row * FLOW_BYTES;
    const key = bytes.toString("latin1", at, at + FLOW_KEY_BYTES);
    let slot = this.#slots.get(key);
    if (slot !== undefined && this.#closedNs[slot] !== 0n && this.#isSyn(bytes, at)) {
      this.#write(key, slot, FlowEnd.detected); // the next connection with the same ports
      slot = undefined;
    }
    const from = row * WORDS;
    const own = this.#words;
    if (slot === undefined) {
      const to = this.#allocate(key, oldest) * WORDS;
      for (let i = 0; i < WORDS; i++) own[to + i] = words[from + i]!;
      return;
    }
    const to = slot * WORDS;
    const flags = slot * FLOW_BYTES + flowAt.tcpFlags;
    if (words[from + FIRST]! < own[to + FIRST]!) own[to + FIRST] = words[from + FIRST]!;
    if (words[from + LAST]! >= own[to + LAST]!) {
      own[to + LAST] = words[from + LAST]!;
      this.#bytes[slot * FLOW_BYTES + flowAt.verdict] = bytes[at + flowAt.verdict]!;
    }
    own[to + FRAMES] = own[to + FRAMES]! + words[from + FRAMES]!;
    own[to + PACKETS] = own[to + PACKETS]! + words[from + PACKETS]!;
    own[to + BYTES] = own[to + BYTES]! + words[from + BYTES]!;
    this.#bytes[flags] = this.#bytes[flags]! | bytes[at + flowAt.tcpFlags]!;
  }

  #isSyn(bytes: Buffer, at: number): boolean {
    return bytes[at + flowAt.ipProto] === TCP && (bytes[at + flowAt.tcpFlags]! & SYN) !== 0;
  }

  #allocate(key: string, oldest: Iterator<[string, number]>): number {
    if (this.#slots.size === this.#options.maxFlows) {
      const next = oldest.next();
      if (next.done === true) throw new Error("a full flow table without an oldest flow");
      this.#write(next.value[0], next.value[1], FlowEnd.noResources);
    }
    const slot = this.#free.pop() ?? this.#used++;
    this.#slots.set(key, slot);
    this.#closedNs[slot] = 0n;
    return slot;
  }

  #age(): void {
    const { activeNs, idleNs, lingerNs } = this.#options;
    // First all of them: both directions of a connection are closed by the same drain, whichever ends first.
    for (const [key, slot] of this.#slots) this.#close(key, slot);
    for (const [key, slot] of this.#slots) {
      const silentNs = this.#nowNs - this.#words[slot * WORDS + LAST]!;
      const closedNs = this.#closedNs[slot]!;
      if (closedNs !== 0n) {
        if (silentNs >= lingerNs && this.#nowNs - closedNs >= lingerNs) this.#write(key, slot, FlowEnd.detected);
      } else if (silentNs >= idleNs) this.#write(key, slot, FlowEnd.idle);
      else if (this.#nowNs - this.#words[slot * WORDS + FIRST]! >= activeNs) this.#write(key, slot, FlowEnd.active);
    }
  }

  /** A connection is closed by RST in either direction, or by FIN in both. */
  #close(key: string, slot: number): void {
    const at = slot * FLOW_BYTES;
    const flags = this.#bytes[at + flowAt.tcpFlags]!;
    if (this.#closedNs[slot] !== 0n || this.#bytes[at + flowAt.ipProto] !== TCP || (flags & (FIN | RST)) === 0) return;
    const back = this.#slots.get(reverse(key));
    const backFlags = back === undefined ? 0 : this.#bytes[back * FLOW_BYTES + flowAt.tcpFlags]!;
    if (((flags | backFlags) & RST) === 0 && (flags & backFlags & FIN) === 0) return;
    this.#closedNs[slot] = this.#nowNs;
    if (back !== undefined) this.#closedNs[back] = this.#nowNs;
  }

  #write(key: string, slot: number, reason: FlowEnd): void {
    this.#bytes[slot * FLOW_BYTES + flowAt.endReason] = reason;
    const at = slot * WORDS;
    if (this.#records.rows === 0 || this.#words[at + FIRST]! < this.#earliest) this.#earliest = this.#words[at + FIRST]!;
    this.#records.push(this.#words, at);
    this.#slots.delete(key);
    this.#free.push(slot);
  }

  #take(): ArrayBuffer[] {
    return this.#records.take(this.#earliest, this.#nowNs);
  }
}

/** The key of the other direction: addresses and ports swapped, in for out. */
function reverse(key: string): string {
  const direction = key.charCodeAt(flowAt.direction) === 1 ? "\u0002" : "\u0001";
  return (
    key.slice(flowAt.daddr, flowAt.sportBe) +
    key.slice(flowAt.saddr, flowAt.daddr) +
    key.slice(flowAt.dportBe, flowAt.ifindex) +
    key.slice(flowAt.sportBe, flowAt.dportBe) +
    key.slice(flowAt.ifindex, flowAt.direction) +
    direction +
    key.slice(flowAt.keyReserved)
  );
}
