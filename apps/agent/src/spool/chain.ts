import { BatchKind, type BatchKindName } from "@sonde/protocol";
import type { Chain, Entry, Place } from "../kept.ts";
import type { Files } from "./files.ts";
import { partsOf, scanSegment, sealSlot, slotFacts, slotted, unsendSlot, voidSlot } from "./segment.ts";
import { SegmentFile } from "./segment-file.ts";

/** What a chain needs of the spool around it. */
export type Disk = {
  readonly files: Files;
  /** A segment is ended before it grows past this. */
  readonly segmentBytes: number;
  /** Makes room; false when there is none. */
  readonly reserve: (kind: BatchKindName, bytes: number) => boolean;
  /** So many bytes more, or less, are on disk. */
  readonly changed: (kind: BatchKindName, bytes: number) => void;
  readonly damaged: (places: number) => void;
  /** False while the disk refuses. */
  readonly ready: () => boolean;
  /** The disk refused. */
  readonly failed: (error: unknown) => void;
  /** It did what was asked of it. */
  readonly worked: () => void;
};

export type ChainOptions = {
  readonly folder: string;
  readonly kind: BatchKindName;
  readonly disk: Disk;
  /** Makes the folder exist before the first write. Throws what the disk says. */
  readonly prepare: () => void;
  /** Records or flow records whose bytes were found damaged. */
  readonly onBroken: (records: number) => void;
};
type Loaded = { readonly entries: Entry[]; readonly records: number };
export type Oldest = { readonly file: string; readonly records: number; readonly batches: readonly Entry[]; drop(): void };

/** Batches of one kind and stream in segments, append-only but for the headers; a segment goes when all of it is done. */
export class SegmentChain implements Chain {
  readonly #options: ChainOptions;
  readonly #segments: SegmentFile[] = [];
  #tail: SegmentFile | null = null;
  #head: Entry[] = [];
  #handedOut = 0;
  #nextId = 1;
  waiting = 0;

  constructor(options: ChainOptions) {
    this.#options = options;
  }

  /** Takes up a file of an earlier run; files must come in order of their numbers. */
  adopt({ id, marked }: { readonly id: number; readonly marked: boolean }, bytes: number): void {
    const segment = this.#segment(id, marked);
    segment.bytes = bytes;
    segment.left = -1;
    this.#segments.push(segment);
    this.#nextId = id + 1;
    this.waiting++;
    this.#options.disk.changed(this.#options.kind, bytes);
  }

  /**
   * What the hub has committed of an earlier run is done, the rest was never sent as far as anyone knows. False when the
   * disk refuses; nothing may be sent then.
   */
  resumed(committed: bigint): boolean {
    return this.#try(() => {
      for (const segment of this.#segments) if (segment.marked && !segment.taken) this.#settle(segment, committed);
    });
  }

  append(entry: Entry, held: boolean): Place | null {
    const { disk, kind } = this.#options;
    const batch = entry.bytes instanceof Uint8Array ? entry.bytes : new Uint8Array(entry.bytes);
    const size = slotted(batch.byteLength);
    if (!disk.reserve(kind, size)) return null;
    try {
      let tail = this.#tail;
      if (tail === null || tail.taken !== held || tail.bytes + size > disk.segmentBytes) tail = this.#begin(held);
      const offset = tail.bytes;
      tail.append(partsOf(batch), size);
      disk.changed(kind, size);
      tail.left++;
      tail.records += entry.records;
      if (!held) this.waiting++;
      disk.worked();
      return this.#place(tail, offset, null);
    } catch (error) {
      this.seal();
      disk.failed(error);
      return null;
    }
  }

  peek(): Entry | null {
    while (this.#handedOut === this.#head.length) {
      const segment = this.#segments.find((each) => !each.taken);
      if (segment === undefined || !this.#open(segment)) return null;
    }
    return this.#head[this.#handedOut] ?? null;
  }

  shift(): void {
    this.#handedOut++;
    this.waiting--;
  }

  /**
   * The oldest segment that may be dropped: what was sent may be committed, and dropping it would count it twice. Null
   * when there is none. `batches` are read for flows, whose frames the caller accounts for. `drop` deletes it.
   */
  oldest(): Oldest | null {
    const segment = this.#segments.find(({ marked, taken }) => !marked && !taken);
    if (segment === undefined) return null;
    if (segment === this.#tail) this.seal(true);
    const unknown = segment.left < 0;
    const loaded: Loaded = { entries: [], records: segment.records };
    if (unknown || this.#options.kind === "flows") this.#try(() => Object.assign(loaded, this.#load(segment, false)));
    const drop = (): void => {
      this.waiting -= unknown ? 1 : segment.left;
      this.#remove(segment);
    };
    return { file: segment.name, records: loaded.records, batches: loaded.entries, drop };
  }

  /** Ends the segment that is written to. */
  seal(toRead = false): void {
    this.#tail?.seal(toRead);
    this.#tail = null;
  }

  /** Nothing of it is on disk. */
  get empty(): boolean {
    return this.#segments.length === 0;
  }

  /** What was written is on the disk when this returns; all files are closed. */
  close(): void {
    this.#tail = null;
    for (const segment of this.#segments) this.#try(() => segment.close());
  }

  /** Deletes all of it. */
  discard(): void {
    this.#tail = null;
    for (const segment of [...this.#segments]) this.#remove(segment);
    this.#head = [];
    this.#handedOut = 0;
    this.waiting = 0;
  }

  #segment(id: number, marked: boolean): SegmentFile {
    const { disk, folder, kind } = this.#options;
    return new SegmentFile({ files: disk.files, folder, kind, id }, marked);
  }

  #begin(held: boolean): SegmentFile {
    this.seal();
    this.#options.prepare();
    const segment = this.#segment(this.#nextId, held);
    segment.create();
    segment.taken = held;
    this.#nextId++;
    this.#segments.push(segment);
    return (this.#tail = segment);
  }

  /** Reads a segment to hand out its batches; false when the disk refuses for now. */
  #open(segment: SegmentFile): boolean {
    const { disk, onBroken } = this.#options;
    if (!disk.ready()) return false;
    if (segment === this.#tail) this.seal(true);
    let entries: Entry[] = [];
    try {
      ({ entries } = this.#load(segment, true));
    } catch (error) {
      disk.failed(error);
      if (!isGone(error)) return false;
      disk.damaged(1);
      onBroken(segment.records);
    }
    this.waiting += entries.length - (segment.left < 0 ? 1 : segment.left);
    segment.taken = true;
    segment.left = entries.length;
    this.#head = entries;
    this.#handedOut = 0;
    if (segment.left === 0) this.#remove(segment);
    return true;
  }

  /** A segment that an earlier run had sent from: void what is committed, take the sequences of the rest back. */
  #settle(segment: SegmentFile, committed: bigint): void {
    const { sound, broken } = scanSegment(segment.read(), BatchKind[this.#options.kind]);
    for (const { offset, slot } of [...sound, ...broken]) {
      const { sequence } = slotFacts(slot);
      if (sequence === 0n) continue;
      if (sequence <= committed) voidSlot(slot);
      else unsendSlot(slot);
      segment.overwrite(offset, slot);
    }
    segment.mark(false);
  }

  /** Reads a segment. With `toSend` what is damaged in it is counted, and marked so that nobody counts it again. */
  #load(segment: SegmentFile, toSend: boolean): Loaded {
    const { disk, kind, onBroken } = this.#options;
    const scan = scanSegment(segment.read(), BatchKind[kind]);
    if (toSend) segment.mark(true);
    const entries = scan.sound.map(({ offset, slot, batch }): Entry => {
      const { records, sampleN, snaplen } = slotFacts(slot);
      const place = this.#place(segment, offset, slot);
      return { bytes: batch, records, sampleN, snaplen, lent: false, sequence: 0n, sends: 0, place };
    });
    const lost = scan.broken.reduce((sum, { slot }) => sum + slotFacts(slot).records, 0);
    if (toSend && scan.damaged > 0) {
      disk.damaged(scan.damaged);
      onBroken(lost);
      for (const { offset, slot } of scan.broken) {
        voidSlot(slot);
        this.#try(() => segment.overwrite(offset, slot));
      }
    }
    return { entries, records: entries.reduce((sum, each) => sum + each.records, 0) + (toSend ? 0 : lost) };
  }

  /** `slot` is null for a batch that was written with its sequence, or will be read again. */
  #place(segment: SegmentFile, offset: number, slot: Buffer<ArrayBuffer> | null): Place {
    let done = false;
    return {
      stamp: () => {
        if (slot === null) return true;
        sealSlot(slot);
        return this.#try(() => segment.overwrite(offset, slot));
      },
      done: () => {
        if (done) return;
        done = true;
        if (--segment.left > 0) return;
        if (segment === this.#tail) this.seal(true);
        this.#remove(segment);
      },
    };
  }

  #remove(segment: SegmentFile): void {
    const { disk, kind } = this.#options;
    const index = this.#segments.indexOf(segment);
    if (index < 0) return;
    this.#segments.splice(index, 1);
    disk.changed(kind, -segment.bytes);
    this.#try(() => segment.remove());
  }

  #try(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      this.#options.disk.failed(error);
      return false;
    }
  }
}

/** Errors of a file whose content nobody will get, unlike one that cannot be opened for now. */
const gone = new Set(["ENOENT", "EIO", "EISDIR"]);

function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && gone.has(error.code);
}
