import { join } from "node:path";
import type { BatchKindName, SpoolStatus } from "@sonde/protocol";
import type { EarlierRun, LossyKind } from "../kept.ts";
import type { Disk } from "./chain.ts";
import { type Files, nodeFiles } from "./files.ts";
import { type Owner, takeLock, thisProcess } from "./lock.ts";
import { type RunFacts, StreamFolder, type StreamFolderOptions } from "./stream-folder.ts";

export type SpoolEvent =
  /** Nothing is kept from now on, or until it works again; what is on disk stays there. */
  | { readonly type: "off"; readonly reason: string }
  | { readonly type: "on" }
  /** What earlier runs left. */
  | { readonly type: "found"; readonly streams: number; readonly bytes: number }
  /** A folder of a stream that nobody will get. */
  | { readonly type: "left-out"; readonly folder: string; readonly reason: string };

export type SpoolOptions = {
  readonly folder: string;
  readonly hostId: string;
  /** The most it holds. */
  readonly maxBytes: number;
  readonly nowMs: () => number;
  readonly onEvent: (event: SpoolEvent) => void;
  readonly files?: Files;
  readonly segmentBytes?: number;
  /** What a file system of so many bytes keeps free. */
  readonly keepFree?: (totalBytes: number) => number;
  readonly owner?: Owner;
};

const SEGMENT_BYTES = 4 * 1024 * 1024;
const GIB = 1024 ** 3;
/** Counters are never dropped, so they may not take all of it (SPEC 4.9). */
const COUNTER_SHARE = 4;
/** The file system is looked at again after so much was written. */
const LOOK_BYTES = 1024 * 1024;
const RETRY_MS = 30_000;
const LOCK = "lock";
const FOLDER = /^stream-(\d{8})$/;

/**
 * Keeps batches on disk while the hub does not take them (SPEC 4.9): a folder of streams, each of segments. It never
 * throws: what the disk refuses turns it off for a while, with a reason.
 */
export class Spool {
  readonly #options: Required<SpoolOptions>;
  readonly #disk: Disk;
  /** The one that began first in front; the run in progress last. */
  #streams: StreamFolder[] = [];
  #nextNumber = 1;
  #bytes: Record<BatchKindName, number> = { records: 0, counters: 0, flows: 0, filterCounters: 0 };
  #limit: number;
  #untilLook = 0;
  #dropping = false;
  #off: string | null = null;
  #retryAt = 0;
  #locked = false;
  #lost: Record<LossyKind, bigint> = { records: 0n, flows: 0n };
  #damaged = 0;

  constructor(options: SpoolOptions) {
    const keepFree = (total: number): number => Math.max(total / 10, GIB);
    this.#options = { files: nodeFiles, segmentBytes: SEGMENT_BYTES, keepFree, owner: thisProcess(), ...options };
    this.#limit = options.maxBytes;
    this.#disk = {
      files: this.#options.files,
      segmentBytes: this.#options.segmentBytes,
      reserve: (kind, bytes) => this.#reserve(kind, bytes),
      changed: (kind, bytes) => {
        this.#bytes[kind] += bytes;
        if (bytes > 0) this.#untilLook -= bytes;
      },
      damaged: (places) => (this.#damaged += places),
      ready: () => this.#ready(),
      failed: (error) => this.#failed(error),
      worked: () => this.#worked(),
    };
    this.#open();
  }

  get status(): SpoolStatus {
    return {
      bytes: this.#total,
      limitBytes: Math.floor(this.#limit),
      recordsLost: this.#lost.records.toString(),
      flowsLost: this.#lost.flows.toString(),
      damaged: this.#damaged,
      off: this.#off,
    };
  }

  /** The folder of the run in progress; null where nothing can be kept at all. */
  begin(run: { readonly bootId: string; readonly stream: bigint; readonly facts: () => RunFacts }): StreamFolder | null {
    if (!this.#locked) return null;
    const folder = this.#folderOf(this.#nextNumber++);
    const { hostId } = this.#options;
    const stream = new StreamFolder({ ...run, ...this.#shared, hostId, folder });
    this.#streams.push(stream);
    return stream;
  }

  /** The earliest run that has left something; null when there is none beside `present`. */
  earliest(present: EarlierRun | null): EarlierRun | null {
    return this.#streams.find((each) => each !== present) ?? null;
  }

  /** What is written is on disk when this returns; nothing is kept any more. Idempotent. */
  close(): void {
    if (!this.#locked) return;
    for (const stream of this.#streams) stream.close();
    this.#locked = false;
    this.#try(() => this.#options.files.rmSync(join(this.#options.folder, LOCK), { force: true }));
  }

  get #total(): number {
    return Object.values(this.#bytes).reduce((sum, bytes) => sum + bytes);
  }

  #open(): void {
    const { files, folder, owner, onEvent } = this.#options;
    try {
      files.mkdirSync(folder, { recursive: true, mode: 0o700 });
      const other = takeLock(join(folder, LOCK), files, owner);
      if (other !== null) return this.#refuse(`another agent (process ${other}) keeps its data in ${folder}`);
      this.#locked = true;
      const names = files.readdirSync(folder).filter((name) => FOLDER.test(name));
      for (const name of names.toSorted()) this.#adopt(join(folder, name));
      this.#nextNumber = Math.max(0, ...names.map((name) => Number(FOLDER.exec(name)?.[1]))) + 1;
      if (this.#streams.length > 0) onEvent({ type: "found", streams: this.#streams.length, bytes: this.#total });
      this.#look();
    } catch (error) {
      this.#refuse(`${folder}: ${wordsOf(error)}`);
    }
  }

  #adopt(folder: string): void {
    const { onEvent, hostId, files } = this.#options;
    try {
      const found = StreamFolder.open(folder, this.#shared);
      if (found.hostId === hostId) this.#streams.push(found);
      else {
        found.remove();
        onEvent({ type: "left-out", folder, reason: "it is of an earlier enrolment, and was deleted" });
      }
    } catch (error) {
      // Without a note its batches have no stream that the hub would take them under.
      onEvent({ type: "left-out", folder, reason: `its note cannot be read, and it was deleted: ${wordsOf(error)}` });
      this.#damaged++;
      this.#try(() => files.rmSync(folder, { recursive: true, force: true }));
    }
  }

  get #shared(): Pick<StreamFolderOptions, "disk" | "onLost" | "onRemoved"> {
    return {
      disk: this.#disk,
      onLost: (kind, count) => (this.#lost[kind] += BigInt(count)),
      onRemoved: (stream) => (this.#streams = this.#streams.filter((each) => each !== stream)),
    };
  }

  #reserve(kind: BatchKindName, bytes: number): boolean {
    if (this.#dropping) return true; // what takes the place of what is dropped
    if (!this.#ready()) return false;
    if (this.#untilLook <= 0 && !this.#try(() => this.#look())) return false;
    const counters = this.#bytes.counters + this.#bytes.filterCounters;
    if (kind !== "records" && kind !== "flows" && counters + bytes > this.#limit / COUNTER_SHARE) return false;
    while (this.#total + bytes > this.#limit) if (!this.#dropOldest(kind)) return false;
    return true;
  }

  /** Records before flows, the earliest first; flows, whose sums are exact, make no room for records. */
  #dropOldest(comes: BatchKindName): boolean {
    this.#dropping = true;
    const droppable = comes === "records" ? (["records"] as const) : (["records", "flows"] as const);
    try {
      return droppable.some((kind) => this.#streams.some((stream) => stream.dropOldest(kind)));
    } finally {
      this.#dropping = false;
    }
  }

  /** How much may be kept: what was allowed, less what the file system has to keep free. */
  #look(): void {
    const { files, folder, keepFree, maxBytes } = this.#options;
    const { bsize, blocks, bavail } = files.statfsSync(folder);
    this.#limit = Math.max(0, Math.min(maxBytes, this.#total + bavail * bsize - keepFree(blocks * bsize)));
    this.#untilLook = LOOK_BYTES;
  }

  #ready(): boolean {
    return this.#locked && (this.#off === null || this.#options.nowMs() >= this.#retryAt);
  }

  #failed(error: unknown): void {
    this.#retryAt = this.#options.nowMs() + RETRY_MS;
    this.#untilLook = 0;
    this.#refuse(wordsOf(error));
  }

  #worked(): void {
    if (this.#off === null) return;
    this.#off = null;
    this.#options.onEvent({ type: "on" });
  }

  #refuse(reason: string): void {
    if (this.#off === null) this.#options.onEvent({ type: "off", reason });
    this.#off = reason.slice(0, 500);
  }

  #try(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  #folderOf(number: number): string {
    return join(this.#options.folder, `stream-${String(number).padStart(8, "0")}`);
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
