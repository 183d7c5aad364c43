import {
  BATCH_HEADER_BYTES,
  BATCH_MAGIC,
  BATCH_VERSION,
  BatchKind,
  FLOW_BYTES,
  RECORD_HEADER_BYTES,
  batchKinds,
  checkBatch,
  headerAt,
  uuidFromBytes,
  uuidToBytes,
  type BatchHeader,
  type BatchKindName,
  type ErrorCode,
} from "@sonde/protocol";
import { takeCaptured, type CaptureBit } from "../store/capture-take.ts";
import type { Committed } from "../store/streams.ts";
import type { StoredBatch } from "../store/commit-batches.ts";
import { encodeCounters } from "../store/encode-counters.ts";
import { encodeFilterCounters } from "../store/encode-filter-counters.ts";
import { encodeFlows } from "../store/encode-flows.ts";
import { encodePackets } from "../store/encode-packets.ts";
import type { Encoded, EncodedRows, EncodeInput } from "../store/series.ts";

/** Interface ids by ifindex, and which of the ifindexes are uplinks. */
export type Announced = { readonly interfaces: ReadonlyMap<number, number>; readonly uplinks: ReadonlySet<number> };

/** How to read a stream's boot times. */
export type StreamTimes = {
  /** Hub time of a boot time, microseconds since 1970, kept within the partitions that exist. */
  readonly atUs: (bootNs: bigint) => number;
  /** What to add to a boot time to get hub time, ns since 1970. */
  readonly bootToWallNs: () => bigint;
};

/** What the session knows when a batch arrives. */
export type IntakeState = {
  readonly hostId: string;
  readonly hostNumber: number;
  readonly bootId: string;
  readonly stream: bigint;
  /** The host's last announcement. */
  readonly announced: () => Announced;
  readonly times: StreamTimes;
  /** Whether records are stored. */
  readonly keepsPackets: () => boolean;
};

/**
 * accept: store it, and with `refusal` set store only that its number was used; known: committed or waiting already;
 * refuse: not even its number counts.
 */
export type Verdict =
  | { readonly kind: "accept"; readonly batch: StoredBatch; readonly header: BatchHeader | null }
  | { readonly kind: "known" }
  | { readonly kind: "refuse"; readonly code: ErrorCode };

/** Numbers the batches of one stream as they are taken in, and checks each one whole (SPEC 2 and 4). */
export class BatchIntake {
  private readonly state: IntakeState;
  private readonly taken: Record<BatchKindName, bigint>;
  /** Kinds whose next batch found no room: those after it are on their way, and no fault of the agent's. */
  private readonly heldBack = new Set<BatchKindName>();
  private readonly hostUuid = new Uint8Array(16);

  constructor(state: IntakeState, committed: Committed) {
    this.state = state;
    this.taken = { ...committed };
    uuidToBytes(state.hostId, new DataView(this.hostUuid.buffer), 0);
  }

  /**
   * `room`: whether there is any for a batch that is new; BUSY does not use its number (SPEC 4.1). `captures`: bits of
   * its filter set.
   */
  take(view: DataView, room: boolean, captures: readonly CaptureBit[] = []): Verdict {
    const checked = checkBatch(view);
    const head = checked.ok ? checked.value : peek(view);
    if (!head) return { kind: "refuse", code: checked.ok ? "INTERNAL" : checked.code };
    if (head.hostId !== this.state.hostId) return { kind: "refuse", code: "BATCH_HOST" };
    if (head.bootId !== this.state.bootId || head.stream !== this.state.stream) return { kind: "refuse", code: "BATCH_STREAM" };
    const kind = nameOf(head.kind);
    const taken = this.taken[kind];
    if (head.sequence <= taken) return { kind: "known" };
    if (head.sequence !== taken + 1n) return { kind: "refuse", code: this.heldBack.has(kind) ? "BUSY" : "BATCH_SEQUENCE" };
    if (!room) {
      this.heldBack.add(kind);
      return { kind: "refuse", code: "BUSY" };
    }
    this.heldBack.delete(kind);
    this.taken[kind] = head.sequence;
    if (!checked.ok) return { kind: "accept", header: null, batch: this.stored(head, null, checked.code) };
    const header = checked.value;
    const encoded = this.encode(view, header);
    if (encoded?.ok === false) return { kind: "accept", header: null, batch: this.stored(head, null, encoded.code) };
    const batch = this.stored(head, encoded?.value ?? null, null);
    if (captures.length === 0) return { kind: "accept", header, batch };
    const captured = { bootToWallNs: this.state.times.bootToWallNs(), parts: takeCaptured(view, header.count, captures) };
    return { kind: "accept", header, batch: { ...batch, captured } };
  }

  /** The rows to store; null for records, where these are not kept. */
  private encode(view: DataView, header: BatchHeader): Encoded | null {
    const { announced, times, hostNumber } = this.state;
    const atUs = times.atUs(header.lastNs);
    const input = (): EncodeInput => ({ view, header, ...announced(), hostUuid: this.hostUuid, hostNumber, atUs });
    switch (header.kind) {
      case BatchKind.records:
        return this.state.keepsPackets() ? { ok: true, value: encodePackets(input()) } : null;
      case BatchKind.counters:
        return encodeCounters(input());
      case BatchKind.flows:
        return encodeFlows(input());
      case BatchKind.filterCounters:
        return encodeFilterCounters(input());
    }
  }

  private stored(head: Peeked, rows: EncodedRows | null, refusal: ErrorCode | null): StoredBatch {
    const { hostId, bootId, stream } = this.state;
    const { sequence, sampleN, snaplen, queueLost } = head;
    const records = head.kind === BatchKind.records || head.kind === BatchKind.flows ? head.count : 0;
    return {
      hostId,
      bootId,
      stream,
      kind: nameOf(head.kind),
      sequence,
      records,
      sampleN,
      snaplen,
      queueLost,
      rows,
      captured: null,
      refusal,
    };
  }
}

/** Of a kind that exists (SPEC 2.3). */
export function nameOf(kind: BatchKind): BatchKindName {
  return batchKinds[kind - 1]!;
}

type Peeked = Pick<BatchHeader, "hostId" | "bootId" | "stream" | "kind" | "sequence" | "count" | "sampleN" | "snaplen" | "queueLost">;

/**
 * Whose batch a damaged one is, when its header can be read: its number is used up, because it is not sent again
 * (SPEC 4.2), and its records, no more than the frame could hold, count as refused.
 */
function peek(view: DataView): Peeked | null {
  if (view.byteLength < BATCH_HEADER_BYTES) return null;
  if (view.getUint32(headerAt.magic, true) !== BATCH_MAGIC || view.getUint16(headerAt.version, true) !== BATCH_VERSION) return null;
  const kind = view.getUint16(headerAt.kind, true) as BatchKind;
  if (batchKinds[kind - 1] === undefined) return null;
  const least = kind === BatchKind.flows ? FLOW_BYTES : RECORD_HEADER_BYTES;
  const fitting = Math.floor((view.byteLength - BATCH_HEADER_BYTES) / least);
  return {
    hostId: uuidFromBytes(view, headerAt.hostId),
    bootId: uuidFromBytes(view, headerAt.bootId),
    stream: view.getBigUint64(headerAt.stream, true),
    kind,
    sequence: view.getBigUint64(headerAt.sequence, true),
    count: Math.min(view.getUint32(headerAt.count, true), fitting),
    sampleN: Math.max(1, view.getUint32(headerAt.sampleN, true)),
    snaplen: view.getUint32(headerAt.snaplen, true),
    queueLost: view.getBigUint64(headerAt.queueLost, true),
  };
}
