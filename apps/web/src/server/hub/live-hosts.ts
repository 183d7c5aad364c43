import { labelSources, type LabelSelector } from "@sonde/protocol";
import type { HostFacts } from "../../domain/query/index.ts";
import type { Clock } from "../clock.ts";
import type { Ctx } from "../context.ts";

/** Changes are looked at no more often than this. */
const RELOAD_MS = 2_000;

export type LiveHosts = {
  /** A host's name, labels and interfaces, as filters read them; of a host that is not loaded yet only the id. */
  facts(hostId: string): HostFacts;
  /** Whether there are all of these hosts; asks the database for those that are not loaded. */
  exist(hostIds: readonly string[]): Promise<boolean>;
  /** Hosts that have, of every key, one of the values. */
  matching(selector: LabelSelector): ReadonlySet<string>;
  /** Reads them from the database where something changed since. Rejects when it does not answer. */
  load(): Promise<void>;
  /** Something about hosts changed: while anybody needs them they are read again soon. */
  changed(): void;
  close(): void;
};

export type LiveHostsOptions = {
  readonly db: Pick<Ctx["db"], "host">;
  readonly clock: Clock;
  readonly isNeeded: () => boolean;
  readonly onLoaded: () => void;
  readonly onFailure: (error: unknown) => void;
};

/** What the hub keeps of all hosts in memory while browsers filter by it. */
export function createLiveHosts({ db, clock, isNeeded, onLoaded, onFailure }: LiveHostsOptions): LiveHosts {
  let hosts: ReadonlyMap<string, HostFacts> = new Map();
  let isDue = false;
  /** The reading that is under way or was made since the last change. */
  let reading: Promise<void> | null = null;
  let stopTimer = (): void => {};
  let newest = 0;
  const read = async (): Promise<void> => {
    const number = ++newest;
    const rows = await db.host.findMany({
      where: { removedAt: null },
      select: {
        id: true,
        name: true,
        labels: { select: { key: true, source: true, value: true } },
        interfaces: { where: { present: true }, select: { ifindex: true, name: true } },
      },
    });
    if (number < newest) return load(); // a later reading was begun since: this one may be older than what it found
    hosts = new Map(
      rows.map(({ id, name, labels, interfaces }) => [
        id,
        { id, name, labels: effective(labels), interfaces: new Map(interfaces.map((one) => [one.ifindex, one.name])) },
      ]),
    );
    onLoaded();
  };
  const load = (): Promise<void> => {
    const mine = (reading ??= read());
    mine.catch(() => {
      if (reading === mine) reading = null;
    });
    return mine;
  };
  const reload = (): void => {
    isDue = false;
    if (isNeeded()) load().catch(onFailure);
  };
  return {
    facts: (hostId) => hosts.get(hostId) ?? { id: hostId, name: "", labels: {}, interfaces: new Map() },
    exist: async (hostIds) => {
      const others = [...new Set(hostIds)].filter((hostId) => !hosts.has(hostId));
      return others.length === 0 || (await db.host.count({ where: { id: { in: others }, removedAt: null } })) === others.length;
    },
    matching: (selector) => {
      const wanted = Object.entries(selector);
      const fits = ({ labels }: HostFacts): boolean => wanted.every(([key, values]) => values.includes(labels[key] ?? ""));
      return new Set([...hosts.values()].filter(fits).map((host) => host.id));
    },
    load,
    changed() {
      reading = null;
      if (isDue || !isNeeded()) return;
      isDue = true;
      stopTimer = clock.after(RELOAD_MS, reload);
    },
    close: () => stopTimer(),
  };
}

/** Of every key the value of its first source. */
function effective(rows: readonly { readonly key: string; readonly source: string; readonly value: string }[]): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const source of labelSources.toReversed()) for (const row of rows) if (row.source === source) labels[row.key] = row.value;
  return labels;
}
