import type { HostRates, HostStatus } from "@sonde/protocol";
import type { LiveFeed } from "./liveFeed.ts";
import { ValueStore } from "./valueStore.ts";
import type { Schedule } from "./signal.ts";

const POINTS = 60;

/** Live facts of one host in the fleet list. The series hold one point per second, newest last, at most 60. */
export type FleetRow = {
  readonly status: HostStatus;
  readonly packetsPerSecond: number;
  readonly bitsPerSecond: number;
  readonly packets: readonly number[];
  readonly bits: readonly number[];
};
export type FleetSnapshot = ReadonlyMap<string, FleetRow>;

/** Rates and status of all hosts; only rows that changed get a new object. */
export class FleetStore {
  readonly #feed: LiveFeed;
  readonly #onChanged: (hostIds: readonly string[]) => void;
  readonly rows: ValueStore<FleetSnapshot>;

  /** `onChanged` hears which hosts' fleet state changed on the hub; [] is the list itself. */
  constructor(options: { feed: LiveFeed; schedule: Schedule; onChanged: (hostIds: readonly string[]) => void }) {
    this.#feed = options.feed;
    this.#onChanged = options.onChanged;
    this.rows = new ValueStore<FleetSnapshot>(options.schedule, new Map());
  }

  /** Starts watching the fleet. The disposer is idempotent. */
  start(): () => void {
    return this.#feed.watchFleet((message) => {
      if (message.type === "fleet") this.#onRates(message.hosts);
      else if (message.type === "hosts-changed") this.#onChanged(message.hostIds);
      else if (message.type === "status") this.#onStatus(message.hostId, message.status);
    });
  }

  #onRates(hosts: readonly HostRates[]): void {
    this.rows.update((was) => {
      const next = new Map(was);
      for (const host of hosts) {
        const old = was.get(host.hostId);
        next.set(host.hostId, {
          status: host.status,
          packetsPerSecond: host.packetsPerSecond,
          bitsPerSecond: host.bitsPerSecond,
          packets: [...(old?.packets ?? []), host.packetsPerSecond].slice(-POINTS),
          bits: [...(old?.bits ?? []), host.bitsPerSecond].slice(-POINTS),
        });
      }
      return next;
    });
  }

  #onStatus(hostId: string, status: HostStatus): void {
    this.rows.update((was) => {
      const old = was.get(hostId);
      return old === undefined || old.status === status ? was : new Map(was).set(hostId, { ...old, status });
    });
  }
}
