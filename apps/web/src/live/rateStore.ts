import { BATCH_HEADER_BYTES, COUNTER_ROW_BYTES, counterRowAt, protoClasses, verdicts } from "@sonde/protocol";
import type { BatchHeader } from "@sonde/protocol";
import { FrameSignal } from "./signal.ts";
import type { Schedule } from "./signal.ts";

const CLASSES = protoClasses.length;
/** Per interface and second: two directions × classes × (packets, bytes). */
const CELLS = 2 * CLASSES * 2;
const MAX_INTERFACES = 1024;

export type Measure = "packets" | "bytes";

/** Series share `times`; a NaN second is unknown: nothing came for it. Same object until something changed. */
export type RateSnapshot = {
  /** Seconds of boot time at the end of each interval, rising. */
  readonly times: readonly number[];
  /** False where nothing is known of that second. */
  readonly known: readonly boolean[];
  /** Interface indexes that counted anything. */
  readonly interfaces: readonly number[];
};

/** One second from the hub's store: what each interface and direction (1 in, 2 out) counted, by class number. */
export type PastSecond = {
  /** End of the second, in seconds of boot time. */
  readonly time: number;
  readonly rows: readonly { ifindex: number; direction: 1 | 2; cls: number; packets: number; bytes: number }[];
};

/** Per-second rates of one host from counter batches: a ring of seconds per interface, direction and class. */
export class RateStore {
  readonly #seconds: number;
  readonly #signal: FrameSignal;
  readonly #cells = new Map<number, Float32Array>();
  readonly #times: Float64Array;
  readonly #knownAt: Uint8Array;
  #count = 0;
  #bootId = "";
  #snapshot: RateSnapshot = { times: [], known: [], interfaces: [] };

  constructor(schedule: Schedule, seconds = 300) {
    this.#seconds = seconds;
    this.#times = new Float64Array(seconds);
    this.#knownAt = new Uint8Array(seconds);
    this.#signal = new FrameSignal(schedule, () => (this.#snapshot = this.#take()));
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#signal.subscribe(listener);
  readonly snapshot = (): RateSnapshot => this.#snapshot;

  /**
   * Adds a checked counter batch. Several may carry one interval; a reboot starts over. Those of sequence 0 are all that
   * the hub has stored of their interval; the first of them clears what is known of it (SPEC 7.6).
   */
  append(view: DataView, header: BatchHeader): void {
    const from = Number(header.firstNs) / 1e9;
    const to = Number(header.lastNs) / 1e9;
    if (!(to > from)) return;
    if (header.bootId !== this.#bootId) this.#restart(header.bootId);
    const last = this.#count === 0 ? null : (this.#times[this.#slot(this.#count - 1)] ?? null);
    if (last !== null && to < last) return;
    if (last === null || to > last) this.#advance(last, from, to);
    const slot = this.#slot(this.#count - 1);
    if (header.sequence === 0n && header.filterSet === 0 && to === last) this.#clear(slot);
    for (let i = 0; i < header.count; i++) this.#addRow(view, BATCH_HEADER_BYTES + i * COUNTER_ROW_BYTES, slot, to - from);
    this.#signal.touch();
  }

  /** Puts stored seconds of boot `bootId` before the live ones, so that the window is full at once. Rising; later ones are left out. */
  prepend(past: readonly PastSecond[], bootId: string): void {
    const held = Math.min(this.#count, this.#seconds);
    if (held === 0) this.#bootId = bootId;
    if (bootId !== this.#bootId) return;
    const oldest = this.#count - held;
    const first = held === 0 ? Number.POSITIVE_INFINITY : (this.#times[this.#slot(oldest)] ?? 0);
    const add = past.filter((second) => second.time < first - 0.5).slice(-Math.max(1, this.#seconds - held));
    if (add.length === 0 || held === this.#seconds) return;
    const newer = {
      first: oldest,
      end: this.#count,
      times: this.#times.slice(),
      known: this.#knownAt.slice(),
      cells: new Map(this.#cells),
    };
    this.#count = 0;
    this.#cells.clear();
    let last: number | null = null;
    for (const second of add) {
      this.#advance(last, second.time - 1, second.time);
      last = second.time;
      for (const row of second.rows) this.#addPast(row);
    }
    this.#replay(newer);
    this.#signal.touch();
  }

  #addPast(row: PastSecond["rows"][number]): void {
    const cells = this.#cellsOf(row.ifindex);
    const at = this.#slot(this.#count - 1) * CELLS + (row.direction - 1) * CLASSES * 2 + row.cls * 2;
    if (cells === null || row.cls < 0 || row.cls >= CLASSES) return;
    cells[at] = row.packets;
    cells[at + 1] = row.bytes;
  }

  #replay(newer: { first: number; end: number; times: Float64Array; known: Uint8Array; cells: ReadonlyMap<number, Float32Array> }): void {
    for (let i = newer.first; i < newer.end; i++) {
      const from = this.#slot(i);
      this.#push(newer.times[from] ?? 0, newer.known[from] === 1);
      const to = this.#slot(this.#count - 1);
      for (const [ifindex, cells] of newer.cells) this.#cellsOf(ifindex)?.set(cells.subarray(from * CELLS, (from + 1) * CELLS), to * CELLS);
    }
  }

  #cellsOf(ifindex: number): Float32Array | null {
    const cells = this.#cells.get(ifindex);
    if (cells !== undefined) return cells;
    if (this.#cells.size >= MAX_INTERFACES) return null;
    const made = new Float32Array(this.#seconds * CELLS);
    this.#cells.set(ifindex, made);
    return made;
  }

  #restart(bootId: string): void {
    this.#bootId = bootId;
    this.#count = 0;
    this.#cells.clear();
  }

  /** Opens the point of a new interval, and one unknown point before it when time went by unheard. */
  #advance(last: number | null, from: number, to: number): void {
    if (last !== null && from - last > 0.5) this.#push(from, false);
    this.#push(to, true);
  }

  #push(time: number, isKnown: boolean): void {
    const slot = this.#slot(this.#count++);
    this.#times[slot] = time;
    this.#knownAt[slot] = isKnown ? 1 : 0;
    this.#clear(slot);
  }

  #clear(slot: number): void {
    for (const cells of this.#cells.values()) cells.fill(0, slot * CELLS, (slot + 1) * CELLS);
  }

  #slot(index: number): number {
    return index % this.#seconds;
  }

  #addRow(view: DataView, at: number, slot: number, seconds: number): void {
    const ifindex = view.getUint32(at + counterRowAt.ifindex, true);
    const direction = view.getUint8(at + counterRowAt.direction);
    if (direction !== 1 && direction !== 2) return;
    const cells = this.#cellsOf(ifindex);
    if (cells === null) return;
    const base = slot * CELLS + (direction - 1) * CLASSES * 2;
    for (let i = 0; i < verdicts.length * CLASSES; i++) {
      const counts = at + counterRowAt.proto + i * counterRowAt.protoStride; // classes of the next verdict follow
      const packets = Number(view.getBigUint64(counts + 8, true)) / seconds;
      const bytes = Number(view.getBigUint64(counts + 16, true)) / seconds;
      const cell = base + (i % CLASSES) * 2;
      cells[cell] = (cells[cell] ?? 0) + packets;
      cells[cell + 1] = (cells[cell + 1] ?? 0) + bytes;
    }
  }

  /**
   * Rates per second along the snapshot's times, null where unknown: the sum over the interfaces,
   * directions (1 in, 2 out) and classes that are asked for.
   */
  series(ask: {
    interfaces: readonly number[];
    classes: readonly number[];
    directions: readonly (1 | 2)[];
    measure: Measure;
  }): (number | null)[] {
    const held = Math.min(this.#count, this.#seconds);
    const shift = ask.measure === "packets" ? 0 : 1;
    const offsets = ask.directions.flatMap((d) => ask.classes.map((c) => (d - 1) * CLASSES * 2 + c * 2 + shift));
    const chosen = ask.interfaces.map((ifindex) => this.#cells.get(ifindex)).filter((cells) => cells !== undefined);
    const values: (number | null)[] = [];
    for (let i = this.#count - held; i < this.#count; i++) {
      const slot = this.#slot(i);
      if (this.#knownAt[slot] !== 1) {
        values.push(null);
        continue;
      }
      let sum = 0;
      for (const cells of chosen) for (const offset of offsets) sum += cells[slot * CELLS + offset] ?? 0;
      values.push(sum);
    }
    return values;
  }

  #take(): RateSnapshot {
    const held = Math.min(this.#count, this.#seconds);
    const times: number[] = [];
    const known: boolean[] = [];
    for (let i = this.#count - held; i < this.#count; i++) {
      times.push(this.#times[this.#slot(i)] ?? 0);
      known.push(this.#knownAt[this.#slot(i)] === 1);
    }
    return { times, known, interfaces: [...this.#cells.keys()].sort((a, b) => a - b) };
  }

  dispose(): void {
    this.#signal.dispose();
  }
}
