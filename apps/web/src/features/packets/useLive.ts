"use client";
import { useEffect, useMemo } from "react";
import type { QueryClient } from "@tanstack/react-query";
import type { ApiClient } from "../../api/client.ts";
import { hostQuery, hostsQuery } from "../../api/queries.ts";
import type { HostChoice } from "../../domain/hostChoice.ts";
import { LivePackets } from "../../live/packets/livePackets.ts";
import type { LiveHost } from "../../live/packets/messages.ts";
import type { PagePackets } from "../../live/packets/pagePackets.ts";
import { onFrame } from "../../live/signal.ts";
import { useHostChoice } from "../app/HostsField.tsx";
import { useServices } from "../app/services.tsx";

/** Packets that a live table holds: some minutes of a busy host. */
const ROWS = 200_000;
const MAX_PER_SECOND = 5000;
/** Hosts that a subscription names at most (SPEC 7.4), and whose interfaces are asked for at once. */
export const MAX_NAMED = 64;
/** The address for every host; otherwise it holds labels and names as they are typed. */
export const ALL_HOSTS = "all";

const nowNs = (): bigint => BigInt(Date.now()) * 1_000_000n;

/** Watches the hosts that the address names, as long as the screen is open. */
export function useLive(live: string): { readonly packets: LivePackets | null; readonly fault: string | null } {
  const { api, feed, queries, packets } = useServices();
  const read = useHostChoice(live === ALL_HOSTS ? "" : live);
  const choice = live !== "" && read?.ok === true ? JSON.stringify(read.choice) : null;
  const watched = useMemo(() => {
    if (choice === null) return null;
    const hosts: HostChoice = JSON.parse(choice); // written above: as text it stays the same while the hosts are read anew
    return new LivePackets({
      feed,
      ask: {
        hosts: typeof hosts === "string" || "labels" in hosts ? hosts : hosts.slice(0, MAX_NAMED),
        filter: "",
        maxPerSecond: MAX_PER_SECOND,
        kinds: ["records"],
      },
      append: (host, batch) => void packets.client.append(host, batch).catch(() => undefined),
      hostOf: (id) => knownHost(queries, api, id),
      schedule: onFrame,
      nowNs,
    });
  }, [choice, feed, queries, api, packets]);
  const ids =
    read?.ok === true && live !== ""
      ? read.hosts
          .slice(0, MAX_NAMED)
          .map((host) => host.id)
          .join(" ")
      : "";
  useEffect(() => {
    if (watched === null) return;
    let stop: (() => void) | null = null;
    let over = false;
    void begin(packets, live, () => know(queries, api, ids.split(" "))).then(() => {
      if (!over) stop = watched.start();
    });
    return () => {
      over = true;
      stop?.();
    };
    // Which hosts these are now is of use at the beginning only.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [watched, live, packets, queries, api]);
  return { packets: watched, fault: live !== "" && read?.ok === false ? read.message : null };
}

async function begin(packets: PagePackets, live: string, prepare: () => Promise<void>): Promise<void> {
  const source = packets.source.snapshot();
  // Back from another screen the packets that came before are still there.
  const goesOn = source.type === "live" && source.hosts === live && packets.snapshot()?.phase === "live";
  await Promise.all([prepare(), goesOn ? null : packets.beginLive(live, ROWS)]);
}

/** Asks for interfaces before the first packets come: their names are written into the table with them. */
async function know(queries: QueryClient, api: ApiClient, ids: readonly string[]): Promise<void> {
  await Promise.all(ids.filter(Boolean).map((id) => queries.ensureQueryData(hostQuery(api, id)).catch(() => null)));
}

function knownHost(queries: QueryClient, api: ApiClient, id: string): Omit<LiveHost, "id" | "offsetNs"> | null {
  const detail = queries.getQueryData(hostQuery(api, id).queryKey);
  const host = detail ?? queries.getQueryData(hostsQuery(api).queryKey)?.find((one) => one.id === id);
  if (detail === undefined) void queries.prefetchQuery(hostQuery(api, id));
  if (host === undefined) return null;
  return {
    name: host.name,
    labels: Object.fromEntries(host.labels.map(({ key, value }) => [key, value])),
    interfaces: new Map((detail?.interfaces ?? []).map((one) => [one.ifindex, one.name])),
  };
}
