import { join } from "node:path";
import { type BatchKindName, batchKinds, interfaceSchema, stampBatch, u64, viewOf } from "@sonde/protocol";
import { z } from "zod";
import type { EarlierRun, Entry, LossyKind } from "../kept.ts";
import { type Disk, SegmentChain } from "./chain.ts";
import { readSegmentName } from "./segment-file.ts";
import { unflowedBatches } from "./unflowed.ts";

const NOTE = "stream.json";
/** A file larger than this is none of ours: a segment is read whole. */
const MAX_SEGMENT_BYTES = 16 * 1024 * 1024;

const noteSchema = z.object({
  version: z.literal(1),
  hostId: z.uuid(),
  bootId: z.uuid(),
  stream: u64,
  bootNs: u64,
  wallNs: u64,
  interfaces: z.array(interfaceSchema).max(1024),
  lost: z.object({ records: u64, flows: u64 }),
  /** Segments whose loss is counted in `lost`, and which may still be there. */
  dropped: z.array(z.string()).max(16),
});
type Note = z.infer<typeof noteSchema>;

/** What the hub must be told of a run so that it takes its batches later. */
export type RunFacts = Pick<Note, "bootNs" | "wallNs" | "interfaces">;

export type StreamFolderOptions = {
  readonly folder: string;
  readonly disk: Disk;
  readonly hostId: string;
  readonly bootId: string;
  readonly stream: bigint;
  /** Of the run in progress, asked whenever they are written. */
  readonly facts: () => RunFacts;
  readonly onLost: (kind: LossyKind, count: number) => void;
  readonly onRemoved: (stream: StreamFolder) => void;
};

/** One stream in a folder: its note, and its batches by kind. The folder is made with the first batch. */
export class StreamFolder implements EarlierRun {
  readonly #options: StreamFolderOptions;
  readonly #chains: Readonly<Record<BatchKindName, SegmentChain>>;
  #stream: bigint;
  #lost: Record<LossyKind, bigint> = { records: 0n, flows: 0n };
  #exists = false;
  #facts: () => RunFacts;

  constructor(options: StreamFolderOptions) {
    this.#options = options;
    this.#stream = options.stream;
    this.#facts = options.facts;
    const chain = (kind: BatchKindName): SegmentChain =>
      new SegmentChain({
        folder: options.folder,
        kind,
        disk: options.disk,
        prepare: () => this.#prepare(),
        onBroken: (records) => {
          if (records > 0 && (kind === "records" || kind === "flows")) this.lose(kind, records);
        },
      });
    this.#chains = {
      records: chain("records"),
      counters: chain("counters"),
      flows: chain("flows"),
      filterCounters: chain("filterCounters"),
    };
  }

  /** Takes up the folder of an earlier run. Throws what the disk says, or that its note cannot be understood. */
  static open(folder: string, options: Pick<StreamFolderOptions, "disk" | "onLost" | "onRemoved">): StreamFolder {
    const { files } = options.disk;
    const note = noteSchema.parse(JSON.parse(files.readFileSync(join(folder, NOTE)).toString("utf8")));
    const { bootNs, wallNs, interfaces } = note;
    const stream = BigInt.asUintN(64, BigInt(note.stream));
    const found = new StreamFolder({ ...options, ...note, stream, folder, facts: () => ({ bootNs, wallNs, interfaces }) });
    found.#exists = true;
    found.#lost = { records: BigInt(note.lost.records), flows: BigInt(note.lost.flows) };
    for (const file of note.dropped) files.rmSync(join(folder, file), { force: true });
    for (const name of files.readdirSync(folder).toSorted()) {
      const segment = readSegmentName(name);
      const known = batchKinds.find((each) => each === segment?.kind);
      if (segment === null || known === undefined) continue;
      const { size } = files.statSync(join(folder, name));
      if (size <= MAX_SEGMENT_BYTES) found.#chains[known].adopt(segment, size);
    }
    return found;
  }

  get bootId(): string {
    return this.#options.bootId;
  }

  get hostId(): string {
    return this.#options.hostId;
  }

  get stream(): bigint {
    return this.#stream;
  }

  get chains(): Readonly<Record<BatchKindName, SegmentChain>> {
    return this.#chains;
  }

  get lost(): Readonly<Record<LossyKind, bigint>> {
    return this.#lost;
  }

  get clock(): { readonly bootNs: string; readonly wallNs: string } {
    return this.#facts();
  }

  get interfaces(): RunFacts["interfaces"] {
    return this.#facts().interfaces;
  }

  lose(kind: LossyKind, count: number): void {
    this.#count(kind, count);
    this.note();
  }

  restart(stream: bigint): void {
    this.#stream = stream;
    this.#lost = { records: 0n, flows: 0n };
    this.note();
  }

  resumed(committed: Readonly<Record<BatchKindName, bigint>>): boolean {
    return batchKinds.every((kind) => this.#chains[kind].resumed(committed[kind]));
  }

  /** Writes down what the hub must be told, where anything is kept at all. */
  note(): void {
    if (this.#exists) this.#write([]);
  }

  /** Drops the oldest segment of a kind and counts it; false when none may be dropped. */
  dropOldest(kind: LossyKind): boolean {
    const oldest = this.#chains[kind].oldest();
    if (oldest === null) return false;
    if (kind === "flows" && !this.#account(oldest.batches)) return false;
    this.#count(kind, oldest.records);
    this.#write([oldest.file]);
    oldest.drop();
    return true;
  }

  /** What it lost is known to the next run, even if that is all there is; where nothing is left, neither is its folder. */
  close(): void {
    for (const kind of batchKinds) this.#chains[kind].close();
    const owes = this.#lost.records + this.#lost.flows > 0n;
    if (!owes && batchKinds.every((kind) => this.#chains[kind].empty)) return this.remove();
    try {
      if (owes) this.#prepare();
    } catch (error) {
      this.#options.disk.failed(error);
    }
    this.note();
  }

  remove(): void {
    const { disk, folder, onRemoved } = this.#options;
    for (const kind of batchKinds) this.#chains[kind].discard();
    onRemoved(this);
    if (!this.#exists) return;
    try {
      disk.files.rmSync(folder, { recursive: true, force: true });
      this.#exists = false;
    } catch (error) {
      disk.failed(error);
    }
  }

  #count(kind: LossyKind, count: number): void {
    this.#lost[kind] += BigInt(count);
    this.#options.onLost(kind, count);
  }

  /** What dropped flow records counted becomes unflowed. Small, so the bound of counters does not hold it up. */
  #account(dropped: readonly Entry[]): boolean {
    const { hostId, bootId } = this.#options;
    const { sampleN, snaplen } = dropped[0] ?? { sampleN: 1, snaplen: 0 };
    const stamp = { hostId, bootId, stream: this.#stream, sequence: 0n, sampleN, snaplen, ringLost: 0n, queueLost: this.#lost.records };
    const flows = dropped.map(({ bytes }) => (bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes)));
    return unflowedBatches(flows).every((bytes) => {
      stampBatch(viewOf(bytes), stamp);
      const entry = { bytes, records: 0, sampleN, snaplen, lent: false, sequence: 0n, sends: 0, place: null };
      return this.#chains.counters.append(entry, false) !== null;
    });
  }

  #prepare(): void {
    if (this.#exists) return;
    const { files } = this.#options.disk;
    files.mkdirSync(this.#options.folder, { recursive: true, mode: 0o700 });
    this.#save([]);
    this.#exists = true;
  }

  #write(dropped: readonly string[]): void {
    try {
      this.#save(dropped);
    } catch (error) {
      this.#options.disk.failed(error);
    }
  }

  /** Replaced as a whole: a crash leaves the note before or this one. */
  #save(dropped: readonly string[]): void {
    const { folder, hostId, bootId, disk } = this.#options;
    const { files } = disk;
    const lost = { records: this.#lost.records.toString(), flows: this.#lost.flows.toString() };
    const { bootNs, wallNs, interfaces } = this.#facts();
    const note = { version: 1, hostId, bootId, stream: this.#stream.toString(), bootNs, wallNs, interfaces, lost, dropped };
    const text = Buffer.from(JSON.stringify(note));
    const draft = join(folder, `.${NOTE}`);
    const fd = files.openSync(draft, "w", 0o600);
    try {
      if (files.writeSync(fd, text, 0, text.length, 0) < text.length)
        throw Object.assign(new Error("the file system is full"), { code: "ENOSPC" });
      if (!this.#exists) files.fsyncSync(fd);
    } finally {
      files.closeSync(fd);
    }
    files.renameSync(draft, join(folder, NOTE));
  }
}
