import { type NoParamCallback, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BATCH_HEADER_BYTES,
  BatchKind,
  type BatchKindName,
  COUNTER_ROW_BYTES,
  FLOW_BYTES,
  RECORD_HEADER_BYTES,
  batchKinds,
  counterRowAt,
  flowAt,
  frameBatch,
  headerAt,
  viewOf,
} from "@sonde/protocol";
import { Outbox } from "../src/pipeline/outbox.ts";
import type { Outgoing } from "../src/pipeline/queue-types.ts";
import { BatchQueue } from "../src/pipeline/queue.ts";
import { type Files, nodeFiles } from "../src/spool/files.ts";
import { scanSegment } from "../src/spool/segment.ts";
import type { RunFacts } from "../src/spool/stream-folder.ts";
import { Spool, type SpoolEvent, type SpoolOptions } from "../src/spool/spool.ts";
import { bootId, hostId, none } from "./queue-fixture.ts";

const rowBytes = { records: RECORD_HEADER_BYTES, flows: FLOW_BYTES, counters: COUNTER_ROW_BYTES };

/** A batch of so many rows, with a number that idOf() finds again. Flow records count one frame each. */
export function numbered(kind: keyof typeof rowBytes, id: number, rows: number): Uint8Array<ArrayBuffer> {
  const bodyLen = rows * rowBytes[kind];
  const bytes = new Uint8Array(BATCH_HEADER_BYTES + bodyLen);
  const view = viewOf(bytes);
  frameBatch(view, { kind: BatchKind[kind], count: rows, bodyLen, firstNs: BigInt(id), lastNs: BigInt(id) + 1n });
  for (let i = 0; kind === "flows" && i < rows; i++) {
    view.setUint32(BATCH_HEADER_BYTES + i * FLOW_BYTES + flowAt.ifindex, 3, true);
    view.setUint8(BATCH_HEADER_BYTES + i * FLOW_BYTES + flowAt.direction, 1);
    view.setBigUint64(BATCH_HEADER_BYTES + i * FLOW_BYTES + flowAt.frames, 1n, true);
  }
  view.setBigUint64(bytes.byteLength - 8, BigInt(id), true);
  return bytes;
}

export function idOf(bytes: Uint8Array | ArrayBuffer): number {
  const view = viewOf(bytes);
  return view.byteLength === BATCH_HEADER_BYTES ? 0 : Number(view.getBigUint64(view.byteLength - 8, true));
}

export const countOf = (bytes: Uint8Array | ArrayBuffer): number => viewOf(bytes).getUint32(headerAt.count, true);

/** Frames that the rows of a counter batch call unflowed. */
export function unflowedIn(bytes: Uint8Array | ArrayBuffer): bigint {
  const view = viewOf(bytes);
  let sum = 0n;
  for (let at = BATCH_HEADER_BYTES; at < view.byteLength; at += COUNTER_ROW_BYTES)
    sum += view.getBigUint64(at + counterRowAt.unflowed, true);
  return sum;
}

const facts = () => ({ bootNs: "1", wallNs: "2", interfaces: [] });

export type Agent = { readonly spool: Spool; readonly queue: BatchQueue; readonly outbox: Outbox; readonly events: SpoolEvent[] };
export type Rig = {
  readonly folder: string;
  now: number;
  start(stream: bigint, more?: Partial<SpoolOptions> & { readonly memory?: number; readonly found?: Partial<RunFacts> }): Agent;
  /** Its process is gone: nothing is written any more, and its lock is nobody's. */
  kill(): void;
  /** All files of segments. */
  segments(): string[];
  /** Numbers of the batches in segments, by kind. */
  onDisk(): Map<number, BatchKindName>;
  close(): void;
};

/** A rig makes hundreds of files, for which a disk that others keep busy takes many times as long. */
const inMemory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** A state folder, and one agent after another on it. */
export function openRig(files: Files = nodeFiles, host: { readonly hostId: string; readonly bootId: string } = { hostId, bootId }): Rig {
  const folder = mkdtempSync(join(inMemory, "sonde-spool-"));
  // at once: many rigs may come and go in one turn of the loop, and each would keep its files open until its end
  const fsync = Object.assign((_: number, done: NoParamCallback) => done(null), { __promisify__: files.fsync.__promisify__ });
  const synced: Files = Object.setPrototypeOf({ fsync }, files); // what a test swaps in `files` later counts too
  const segments = (): string[] =>
    (readdirSync(folder, { recursive: true }) as string[])
      .filter((name) => /-\d{8}s?$/.test(name) && name.includes("/"))
      .map((name) => join(folder, name));
  const rig: Rig = {
    folder,
    now: 0,
    start(stream, { memory = 1 << 20, found, ...more } = {}) {
      const events: SpoolEvent[] = [];
      const onEvent = (event: SpoolEvent): void => void events.push(event);
      const sizes = { maxBytes: 1 << 20, segmentBytes: 4096, keepFree: () => 0 };
      const spool = new Spool({ folder, hostId: host.hostId, nowMs: () => rig.now, onEvent, files: synced, ...sizes, ...more });
      const kept = spool.begin({ bootId: host.bootId, stream, facts: () => ({ ...facts(), ...found }) });
      const bounds = { maxRecordBytes: memory, maxFlowBytes: memory, maxCounterBatches: 3 };
      const queue = new BatchQueue({ ...host, stream, sampleN: 1, snaplen: 128, ...bounds, kept });
      return { spool, queue, events, outbox: new Outbox({ hostId: host.hostId, queue, earliest: () => spool.earliest(kept) }) };
    },
    kill: () => rmSync(join(folder, "lock"), { force: true }),
    segments,
    onDisk() {
      const found = new Map<number, BatchKindName>();
      for (const path of segments()) {
        const kind = batchKinds.find((each) => path.includes(`/${each}-`))!;
        for (const { batch } of scanSegment(readFileSync(path), BatchKind[kind]).sound) found.set(idOf(batch), kind);
      }
      return found;
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
  return rig;
}

/** Hands record batches with these numbers to the queue. */
export const push = (agent: Agent, ids: readonly number[], rows = 2): void =>
  ids.forEach((id) => agent.queue.pushRecords(numbered("records", id, rows), rows));
/** From one number to another, both included. */
export const ids = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Connects to a hub that knows nothing, and takes everything. */
export function deliver({ outbox }: Agent, window = 16): Outgoing[] {
  outbox.setAway(false);
  if (!outbox.resume(none)) throw new Error("the stream cannot be continued");
  const all: Outgoing[] = [];
  for (;;) {
    if (outbox.earlier() !== null) outbox.resumeEarlier(none);
    const out = outbox.next(window);
    if (out === null && outbox.earlier() === null) return all;
    if (out === null) continue;
    all.push(out);
    outbox.acknowledge(out);
  }
}

/** The numbers of what went out of a kind, in order. */
export const idsOf = (all: readonly Outgoing[], kind: Outgoing["kind"] = "records"): number[] =>
  all.filter((out) => out.kind === kind).map((out) => idOf(out.bytes));
