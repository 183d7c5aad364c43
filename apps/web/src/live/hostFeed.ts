import { BatchKind, checkBatch, viewOf } from "@sonde/protocol";
import type { AgentBudget, BatchHeader, CounterPosition, HostStatus, Ledger, LiveMessage } from "@sonde/protocol";
import type { LiveFeed } from "./liveFeed.ts";
import { PacketStore } from "./packetStore.ts";
import { RateStore } from "./rateStore.ts";
import { ValueStore } from "./valueStore.ts";
import type { Schedule } from "./signal.ts";

/** How to turn the host's boot time into the hub's time, and how far its own clock is off. Nanoseconds. */
export type ClockEstimate = { readonly bootId: string; readonly bootToWallNs: bigint; readonly offsetNs: bigint; readonly errorNs: bigint };

/** What is known of one watched host beside its packets and rates. */
export type HostState = {
  readonly status: HostStatus | null;
  readonly lastSeen: string | null;
  readonly ledger: Ledger | null;
  readonly clock: ClockEstimate | null;
  /** The hub refuses to let this browser watch. */
  readonly refused: { readonly code: string; readonly detail: string } | null;
  /** Records left out for this browser because it was too slow. */
  readonly skipped: number;
  /** Batches that failed the check of SPEC 2, by code. */
  readonly badBatches: Readonly<Record<string, number>>;
  /** Sampling rate of the last record batch; 1 is every packet. */
  readonly sampleN: number | null;
  /** What its agent said last of what it records. */
  readonly recording: { readonly sampleN: number; readonly budget: AgentBudget | null } | null;
};

const unknown: HostState = {
  status: null,
  lastSeen: null,
  ledger: null,
  clock: null,
  refused: null,
  skipped: 0,
  badBatches: {},
  sampleN: null,
  recording: null,
};

const I64 = /^-?[0-9]{1,19}$/;
const big = (text: string): bigint | null => (I64.test(text) ? BigInt(text) : null);

/** Everything live of one host: packets, rates and state, from the first subscriber on. */
export class HostFeed {
  readonly packets: PacketStore;
  readonly rates: RateStore;
  readonly state: ValueStore<HostState>;
  readonly #feed: LiveFeed;
  readonly #hostId: string;
  /** How far the counters are held here: after a reconnect the hub goes on from there (SPEC 7.6). */
  #position: CounterPosition | null = null;

  /** `packetSchedule`: of the list of packets alone. */
  constructor(options: { feed: LiveFeed; hostId: string; schedule: Schedule; packetSchedule?: Schedule }) {
    this.#feed = options.feed;
    this.#hostId = options.hostId;
    this.packets = new PacketStore(options.packetSchedule ?? options.schedule);
    this.rates = new RateStore(options.schedule);
    this.state = new ValueStore(options.schedule, unknown);
  }

  /** Starts watching. The disposer is idempotent; the stores keep what they hold. */
  start(): () => void {
    this.state.update((was) => ({ ...was, refused: null }));
    const stop = this.#feed.watchHost(this.#hostId, {
      message: (message) => this.#onMessage(message),
      batch: (bytes) => this.#onBatch(bytes),
      after: () => this.#position,
      refused: (code, detail) => this.state.update((was) => ({ ...was, refused: { code, detail } })),
    });
    return () => {
      stop();
      this.packets.dispose();
      this.rates.dispose();
      this.state.dispose();
    };
  }

  #onBatch(bytes: Uint8Array): void {
    const view = viewOf(bytes);
    const checked = checkBatch(view);
    if (!checked.ok) return this.#countBad(checked.code);
    const header = checked.value;
    if (header.hostId !== this.#hostId) return this.#countBad("BATCH_HOST");
    switch (header.kind) {
      case BatchKind.counters:
        return this.#onCounters(view, header);
      case BatchKind.records:
        this.packets.append(view, header.count, header.firstNs);
        return this.state.update((was) => (was.sampleN === header.sampleN ? was : { ...was, sampleN: header.sampleN }));
      case BatchKind.flows:
      case BatchKind.filterCounters:
        return; // the hub keeps them to itself (SPEC 7.1)
    }
  }

  /** Batches of sequence 0 are from the store: how far they reach, the message after them says. */
  #onCounters(view: DataView, header: BatchHeader): void {
    const { hostId, bootId, sequence } = header;
    if (sequence === 0n) return this.rates.append(view, header);
    const [stream, was] = [`${header.stream}`, this.#position];
    if (was?.bootId === bootId && was.stream === stream && sequence <= BigInt(was.sequence)) return;
    this.rates.append(view, header);
    const lastNs = was?.bootId === bootId && BigInt(was.lastNs) > header.lastNs ? was.lastNs : `${header.lastNs}`;
    this.#position = { hostId, bootId, stream, sequence: `${sequence}`, lastNs };
  }

  #countBad(code: string): void {
    this.state.update((was) => ({ ...was, badBatches: { ...was.badBatches, [code]: (was.badBatches[code] ?? 0) + 1 } }));
  }

  #onMessage(message: LiveMessage): void {
    switch (message.type) {
      case "status":
        return this.state.update((was) => ({ ...was, status: message.status, lastSeen: message.lastSeen }));
      case "ledger":
        return this.state.update((was) => ({ ...was, ledger: message.ledger }));
      case "recording":
        return this.state.update((was) => ({ ...was, recording: { sampleN: message.sampleN, budget: message.budget } }));
      case "skipped":
        return this.state.update((was) => ({ ...was, skipped: was.skipped + message.records }));
      case "clock": {
        const [bootToWallNs, offsetNs, errorNs] = [big(message.bootToWallNs), big(message.offsetNs), big(message.errorNs)];
        if (bootToWallNs === null || offsetNs === null || errorNs === null) return;
        return this.state.update((was) => ({ ...was, clock: { bootId: message.bootId, bootToWallNs, offsetNs, errorNs } }));
      }
      case "position": {
        const { hostId, bootId, stream, sequence, lastNs } = message;
        if (message.id === null) this.#position = { hostId, bootId, stream, sequence, lastNs };
        return;
      }
      case "hosts-changed":
      case "filters-changed":
      case "capture-changed":
      case "fleet":
      case "tally":
      case "coarse":
        return;
    }
  }
}
