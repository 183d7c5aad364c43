import { RECORD_HEADER_BYTES, RecordFlag, recordAt } from "@sonde/protocol";

/** A row of capture_batch. */
export type CaptureBatch = {
  readonly hostId: string;
  readonly bootToWallNs: bigint;
  readonly records: Uint8Array;
};
/** A record of one of them, `at` bytes from its beginning. */
export type MergedPacket = { readonly batch: CaptureBatch; readonly view: DataView; readonly at: number };
type Open = {
  readonly batch: CaptureBatch;
  readonly view: DataView;
  readonly order: readonly { at: number; time: number }[];
  next: number;
};

/**
 * Puts the packets of batches, whose times overlap, in one order: a heap of the batches by the next packet of each.
 * Times are hub ns since `originNs` as numbers, which are exact for a hundred days.
 */
export class PacketMerge {
  /** Of the batches that are not out yet. */
  bytes = 0;
  private readonly originNs: bigint;
  private readonly heap: Open[] = [];

  constructor(originNs: bigint) {
    this.originNs = originNs;
  }

  /** Hub time, ns since 1970, as packets are ordered by it. */
  timeOf(ns: bigint): number {
    return Number(ns - this.originNs);
  }

  /** A checked batch, in whatever order its records are. */
  add(batch: CaptureBatch): void {
    const { buffer, byteOffset, byteLength } = batch.records;
    const view = new DataView(buffer, byteOffset, byteLength);
    const offset = batch.bootToWallNs - this.originNs;
    const order: { at: number; time: number }[] = [];
    for (let at = 0; at < byteLength; at += view.getUint16(at + recordAt.recLen, true)) {
      order.push({ at, time: Number(view.getBigUint64(at + recordAt.tsNs, true) + offset) });
    }
    if (order.length === 0) return;
    order.sort((a, b) => a.time - b.time);
    this.bytes += byteLength;
    this.heap.push({ batch, view, order, next: 0 });
    this.rise(this.heap.length - 1);
  }

  /** The earliest packet, if its time is before this one. */
  take(before: number): MergedPacket | null {
    const first = this.heap[0];
    if (first === undefined || timeAt(first) >= before) return null;
    const { at } = first.order[first.next]!;
    if (++first.next === first.order.length) {
      this.bytes -= first.batch.records.byteLength;
      const last = this.heap.pop()!;
      if (last !== first) this.heap[0] = last;
    }
    this.sink();
    return { batch: first.batch, view: first.view, at };
  }

  private rise(from: number): void {
    const { heap } = this;
    for (let i = from; i > 0;) {
      const parent = (i - 1) >> 1;
      if (timeAt(heap[parent]!) <= timeAt(heap[i]!)) return;
      [heap[parent], heap[i]] = [heap[i]!, heap[parent]!];
      i = parent;
    }
  }

  private sink(): void {
    const { heap } = this;
    for (let i = 0; ;) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < heap.length && timeAt(heap[child]!) < timeAt(heap[least]!)) least = child;
      }
      if (least === i) return;
      [heap[least], heap[i]] = [heap[i]!, heap[least]!];
      i = least;
    }
  }
}

function timeAt(open: Open): number {
  return open.order[open.next]!.time;
}

/** Length of an Ethernet header's addresses, behind which a tag goes, and of the tag. */
const ADDRESSES = 12;
const TAG = 4;

/**
 * The captured bytes of a record; a VLAN tag that the kernel kept beside the frame is put back into them, as libpcap
 * does, and cuts off what is then beyond `snaplen`.
 */
export function capturedBytes(view: DataView, at: number, snaplen: number): Uint8Array {
  const capLen = view.getUint16(at + recordAt.capLen, true);
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at + RECORD_HEADER_BYTES, capLen);
  if ((view.getUint8(at + recordAt.flags) & RecordFlag.vlanMeta) === 0 || capLen < ADDRESSES) return bytes;
  const tagged = new Uint8Array(capLen + TAG);
  tagged.set(bytes.subarray(0, ADDRESSES));
  const tag = new DataView(tagged.buffer, ADDRESSES, TAG);
  tag.setUint16(0, 0x8100);
  tag.setUint16(2, view.getUint16(at + recordAt.vlanTci, true));
  tagged.set(bytes.subarray(ADDRESSES), ADDRESSES + TAG);
  return tagged.subarray(0, Math.min(tagged.length, Math.max(capLen, snaplen)));
}
