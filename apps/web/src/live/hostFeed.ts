import { BatchKind, checkBatch, viewOf } from "@sonde/protocol";
import type { AgentBudget, HostStatus, Ledger, LiveMessage } from "@sonde/protocol";
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

  constructor(options: { feed: LiveFeed; hostId: string; schedule: Schedule }) {
    this.#feed = options.feed;
    this.#hostId = options.hostId;
    this.packets = new PacketStore(options.schedule);
    this.rates = new RateStore(options.schedule);
    this.state = new ValueStore(options.schedule, unknown);
  }

  /** Starts watching. The disposer is idempotent; the stores keep what they hold. */
  start(): () => void {
    this.state.update((was) => ({ ...was, refused: null }));
    const stop = this.#feed.watchHost(this.#hostId, {
      message: (message) => this.#onMessage(message),
      batch: (bytes) => this.#onBatch(bytes),
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
        return this.rates.append(view, header);
      case BatchKind.records:
        this.packets.append(view, header.count, header.firstNs);
        return this.state.update((was) => (was.sampleN === header.sampleN ? was : { ...was, sampleN: header.sampleN }));
      case BatchKind.flows:
      case BatchKind.filterCounters:
        return; // the hub keeps them to itself (SPEC 7.1)
    }
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
      case "hosts-changed":
      case "filters-changed":
      case "fleet":
        return;
    }
  }
}
