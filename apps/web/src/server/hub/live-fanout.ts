import { BatchKind, type BatchHeader, type LiveMessage } from "@sonde/protocol";
import type { HostFacts } from "../../domain/query/index.ts";
import { Selection, compileLiveFilter, type LiveFilter } from "./live-filter.ts";
import { Subscription, type SubscriptionOptions } from "./live-subscription.ts";
import type { LiveHosts } from "./live-hosts.ts";

/** Which subscriptions each host's batches go to. A batch is filtered once for each filter, and only when somebody asked for it. */
export class LiveFanout {
  readonly #hosts: Pick<LiveHosts, "facts" | "matching">;
  readonly #byHost = new Map<string, Set<Subscription>>();
  /** Those of all hosts, and those by label with the hosts that these are now. */
  readonly #open = new Map<Subscription, ReadonlySet<string> | null>();
  readonly #filters = new Map<string, { readonly filter: LiveFilter; users: number }>();
  readonly #all = new Set<Subscription>();

  constructor(hosts: Pick<LiveHosts, "facts" | "matching">) {
    this.#hosts = hosts;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Whether names, labels or interfaces of hosts are being asked for. */
  get needsHosts(): boolean {
    return this.#open.size > 0 || [...this.#filters.keys()].some((text) => text !== "");
  }

  /** The filter of a text, the same object for all who hold it. Throws BAD_REQUEST. */
  filter(text: string): LiveFilter {
    return this.#filters.get(text)?.filter ?? compileLiveFilter(text);
  }

  add(options: SubscriptionOptions): Subscription {
    const one = new Subscription(options);
    this.#all.add(one);
    const { filter, hosts } = one.spec;
    const held = this.#filters.get(filter.text);
    if (held) held.users++;
    else this.#filters.set(filter.text, { filter, users: 1 });
    for (const hostId of one.named) {
      const set = this.#byHost.get(hostId) ?? new Set();
      this.#byHost.set(hostId, set.add(one));
    }
    if (hosts === "all") this.#open.set(one, null);
    else if ("labels" in hosts) this.#open.set(one, this.#hosts.matching(hosts.labels));
    one.start();
    return one;
  }

  /** Idempotent. */
  remove(one: Subscription): void {
    if (!this.#all.delete(one)) return;
    one.close();
    this.#open.delete(one);
    for (const hostId of one.named) {
      const set = this.#byHost.get(hostId);
      set?.delete(one);
      if (set?.size === 0) this.#byHost.delete(hostId);
    }
    const held = this.#filters.get(one.spec.filter.text);
    if (held && --held.users === 0) this.#filters.delete(one.spec.filter.text);
  }

  /** Labels may have changed: looks up again which hosts they select. */
  hostsLoaded(): void {
    for (const one of this.#open.keys()) {
      const { hosts } = one.spec;
      if (hosts !== "all" && "labels" in hosts) this.#open.set(one, this.#hosts.matching(hosts.labels));
    }
  }

  batch(header: BatchHeader, bytes: Uint8Array): void {
    const asked = this.#subscriptionsOf(header);
    if (asked.length === 0) return;
    if (header.kind === BatchKind.counters) {
      for (const one of asked) one.counters(header, bytes);
      return;
    }
    const selections = new Map<LiveFilter, Selection>();
    let host: HostFacts | null = null;
    for (const one of asked) {
      const { filter } = one.spec;
      const selection = selections.get(filter) ?? new Selection(filter, header, bytes, (host ??= this.#hosts.facts(header.hostId)));
      selections.set(filter, selection);
      one.rows(header, selection);
    }
  }

  /** Once a second. */
  tick(): void {
    for (const one of this.#all) one.tick();
  }

  /** To the browsers that watch this host. */
  toWatchers(hostId: string, message: LiveMessage): void {
    for (const one of this.#byHost.get(hostId) ?? []) if (one.spec.id === null) one.viewer.tell(message);
  }

  #subscriptionsOf({ hostId, kind }: BatchHeader): Subscription[] {
    const asked: Subscription[] = [];
    for (const one of this.#byHost.get(hostId) ?? []) if (one.wants(kind)) asked.push(one);
    for (const [one, hosts] of this.#open) if (one.wants(kind) && (hosts === null || hosts.has(hostId))) asked.push(one);
    return asked;
  }
}
