import {
  BatchKind,
  type BatchHeader,
  type CounterPosition,
  type LabelSelector,
  type LiveMessage,
  type Subscribe,
  type Tally,
} from "@sonde/protocol";
import type { Clock } from "../clock.ts";
import type { HubCounters } from "./counters.ts";
import { CounterLine, type CounterLineOptions } from "./live-counters.ts";
import type { LiveFilter, Selection } from "./live-filter.ts";
import { Thinner } from "./live-thinner.ts";
import type { LiveViewer } from "./live-viewer.ts";

export type SubscriptionSpec = {
  /** Null for a host that is watched: its batches go unchanged, as event "batch" (SPEC 7.1). */
  readonly id: string | null;
  readonly hosts: readonly string[] | { readonly labels: LabelSelector } | "all";
  readonly filter: LiveFilter;
  readonly maxPerSecond: number;
  readonly kinds: ReadonlySet<Subscribe["kinds"][number]>;
  readonly after: readonly CounterPosition[];
};

export type SubscriptionOptions = {
  readonly viewer: LiveViewer;
  readonly spec: SubscriptionSpec;
  readonly read: CounterLineOptions["read"];
  /** What is estimated of a host's clock now; null while nothing is. */
  readonly clockOf: (hostId: string) => LiveMessage | null;
  readonly clock: Clock;
  readonly counters: HubCounters;
};

const nothing: Tally = { seen: 0, matched: 0, shown: 0 };

/** What one browser asked for of some hosts, and how much of it it was shown. */
export class Subscription {
  readonly viewer: LiveViewer;
  readonly spec: SubscriptionSpec;
  readonly #lines = new Map<string, CounterLine>();
  readonly #thinner: Thinner;
  readonly #clockOf: SubscriptionOptions["clockOf"];
  /** The estimate that was told of each host. */
  readonly #told = new Map<string, LiveMessage | null>();
  readonly #clock: Clock;
  readonly #counters: HubCounters;
  #tally: Tally = nothing;
  /** Left out because the browser was too slow, by host; of a watched one. */
  readonly #skipped = new Map<string, { batches: number; records: number }>();

  constructor({ viewer, spec, read, clockOf, clock, counters }: SubscriptionOptions) {
    this.viewer = viewer;
    this.#clockOf = clockOf;
    this.spec = spec;
    this.#clock = clock;
    this.#counters = counters;
    this.#thinner = new Thinner(spec.maxPerSecond, clock.now());
    if (!spec.kinds.has("counters")) return;
    for (const hostId of this.named) {
      const after = spec.after.find((one) => one.hostId === hostId) ?? null;
      const line = new CounterLine({
        hostId,
        after,
        send: (bytes) => this.#send(hostId, bytes, nothing),
        tell: (position) => viewer.tell({ type: "position", id: spec.id, ...position }),
        read,
        clock,
      });
      this.#lines.set(hostId, line);
    }
  }

  /** The hosts it names, without those that it has by label. */
  get named(): readonly string[] {
    return Array.isArray(this.spec.hosts) ? (this.spec.hosts as readonly string[]) : [];
  }

  wants(kind: BatchHeader["kind"]): boolean {
    switch (kind) {
      case BatchKind.records:
        return this.spec.kinds.has("records");
      case BatchKind.flows:
        return this.spec.kinds.has("flows");
      case BatchKind.counters:
        return this.#lines.size > 0;
      case BatchKind.filterCounters:
        return false;
    }
  }

  start(): void {
    for (const line of this.#lines.values()) line.start();
  }

  counters(header: BatchHeader, bytes: Uint8Array): void {
    const line = this.#lines.get(header.hostId);
    if (!this.viewer.coarse) return line?.take(header, bytes);
    line?.skip();
    this.#skip(header.hostId, 0);
  }

  rows(header: BatchHeader, selection: Selection): void {
    const { hostId } = header;
    this.#add({ seen: header.count, matched: selection.count, shown: 0 });
    if (this.viewer.coarse) return this.#skip(hostId, header.count);
    const rows = this.#thinner.take(selection.count, this.#clock.now());
    if (rows === 0) return;
    this.#tellClock(hostId);
    const tally = { ...this.#tally, shown: this.#tally.shown + rows };
    if (this.#send(hostId, selection.take(rows), tally)) this.#tally = nothing;
    else this.#skip(hostId, header.count);
  }

  /** Once a second: what was left out and not told yet. */
  tick(): void {
    if (this.viewer.coarse) return;
    const { id } = this.spec;
    if (id !== null && this.#tally.seen > 0) {
      this.viewer.tell({ type: "tally", id, ...this.#tally });
      this.#tally = nothing;
    }
    for (const [hostId, skipped] of this.#skipped) this.viewer.tell({ type: "skipped", hostId, ...skipped });
    this.#skipped.clear();
  }

  /** The browser keeps up again. */
  resume(): void {
    for (const line of this.#lines.values()) line.resume();
  }

  close(): void {
    for (const line of this.#lines.values()) line.close();
  }

  #send(hostId: string, bytes: Uint8Array, tally: Tally): boolean {
    const { id } = this.spec;
    return id === null ? this.viewer.send(bytes, "batch", hostId, bytes) : this.viewer.send(bytes, "rows", id, hostId, bytes, tally);
  }

  /** Rows carry boot time: how it turns into the hub's time comes before the first of a host, and when it has changed. */
  #tellClock(hostId: string): void {
    const now = this.#clockOf(hostId);
    if (this.#told.get(hostId) === now) return;
    this.#told.set(hostId, now);
    if (now !== null) this.viewer.tell(now);
  }

  #add({ seen, matched, shown }: Tally): void {
    const before = this.#tally;
    this.#tally = { seen: before.seen + seen, matched: before.matched + matched, shown: before.shown + shown };
  }

  #skip(hostId: string, records: number): void {
    this.#counters.viewerSkippedBatches++;
    this.#counters.viewerSkippedRecords += records;
    if (this.spec.id !== null) return; // its tally tells
    const before = this.#skipped.get(hostId);
    this.#skipped.set(hostId, { batches: (before?.batches ?? 0) + 1, records: (before?.records ?? 0) + records });
  }
}
