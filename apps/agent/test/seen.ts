import {
  type AgentInterface,
  type AgentStatus,
  BATCH_HEADER_BYTES,
  BatchKind,
  COUNTER_ROW_BYTES,
  Direction,
  FILTER_ROW_BYTES,
  FLOW_BYTES,
  checkBatch,
  counterRowAt,
  filterRowAt,
  flowAt,
  recordAt,
} from "@sonde/protocol";
import type { Socket } from "socket.io";

/** What the hub got, added up. */
export class Seen {
  interfaces: readonly AgentInterface[] = [];
  frames = 0n;
  classed = 0n;
  delivered = 0n;
  records = 0;
  icmpIn = new Map<number, bigint>();
  /** Records that touch the hub's own port. */
  own = 0;
  /** Frames, packets and bytes by interface and direction: counted, less what is in flow records or in no flow. */
  readonly unaccounted = new Map<string, [bigint, bigint, bigint]>();
  flows = 0;
  /** What filters delivered. */
  filtered = 0n;
  /** Of the newest connection. */
  socket: Socket | undefined;
  status: AgentStatus | undefined;

  /** Takes a batch in. Throws when it is not sound, or names an interface that was not announced. */
  take(view: DataView, hubPort: number): void {
    const checked = checkBatch(view);
    if (!checked.ok) throw new Error(checked.code);
    const { kind, count } = checked.value;
    let at = BATCH_HEADER_BYTES;
    for (let i = 0; i < count; i++) {
      if (kind === BatchKind.records) at += this.#record(view, at, hubPort);
      else if (kind === BatchKind.counters) at += this.#row(view, at);
      else at += kind === BatchKind.flows ? this.#flow(view, at) : this.#filter(view, at);
    }
  }

  /** Adds the counts at an offset, or takes them away. */
  #account(key: string, view: DataView, at: number, sign: 1n | -1n): void {
    const [frames, packets, bytes] = this.unaccounted.get(key) ?? [0n, 0n, 0n];
    const u64 = (offset: number): bigint => sign * view.getBigUint64(at + offset, true);
    this.unaccounted.set(key, [frames + u64(0), packets + u64(8), bytes + u64(16)]);
  }

  #flow(view: DataView, at: number): number {
    const ifindex = view.getUint32(at + flowAt.ifindex, true);
    if (!this.interfaces.some((each) => each.ifindex === ifindex)) throw new Error(`a flow names ${ifindex}, which was not announced`);
    this.#account(`${ifindex}/${view.getUint8(at + flowAt.direction)}`, view, at + flowAt.frames, -1n);
    this.flows++;
    return FLOW_BYTES;
  }

  #filter(view: DataView, at: number): number {
    this.filtered += view.getBigUint64(at + filterRowAt.delivered, true);
    return FILTER_ROW_BYTES;
  }

  #record(view: DataView, at: number, hubPort: number): number {
    this.records++;
    if ([recordAt.sportBe, recordAt.dportBe].some((port) => view.getUint16(at + port) === hubPort)) this.own++;
    return view.getUint16(at + recordAt.recLen, true);
  }

  #row(view: DataView, at: number): number {
    const ifindex = view.getUint32(at + counterRowAt.ifindex, true);
    if (!this.interfaces.some((each) => each.ifindex === ifindex)) throw new Error(`a row names ${ifindex}, which was not announced`);
    const key = `${ifindex}/${view.getUint8(at + counterRowAt.direction)}`;
    for (let proto = counterRowAt.proto; proto < counterRowAt.unmatched; proto += counterRowAt.protoStride) {
      this.frames += view.getBigUint64(at + proto, true);
      this.#account(key, view, at + proto, 1n);
    }
    for (const part of [counterRowAt.unflowed, counterRowAt.nonFlow]) this.#account(key, view, at + part, -1n);
    for (const part of ["unmatched", "sampledOut", "ringLost", "noReader", "delivered"] as const)
      this.classed += view.getBigUint64(at + counterRowAt[part], true);
    this.delivered += view.getBigUint64(at + counterRowAt.delivered, true);
    if (view.getUint8(at + counterRowAt.direction) === Direction.ingress) {
      const icmp = view.getBigUint64(at + counterRowAt.proto + 2 * counterRowAt.protoStride, true);
      this.icmpIn.set(ifindex, (this.icmpIn.get(ifindex) ?? 0n) + icmp);
    }
    return COUNTER_ROW_BYTES;
  }
}
