"use client";
import { useEffect, useRef } from "react";
import { countersBetween } from "../../api/queries.ts";
import type { HostInterface } from "../../api/types.ts";
import { pastSeconds } from "../../domain/history.ts";
import type { HostFeed } from "../../live/hostFeed.ts";
import { useServices } from "../app/services.tsx";
import { useStore } from "../app/useStore.ts";

/**
 * Fills the window of the charts from the hub's store, once the host's clock is known and either its first
 * live second or, of a host that has fallen silent, when it was last heard.
 */
export function useBackfill(hostId: string, live: HostFeed, interfaces: readonly HostInterface[], seconds: number): void {
  const { api } = useServices();
  const { clock, status, lastSeen } = useStore(live.state);
  const newest = useStore(live.rates).times.at(-1) ?? null;
  const asked = useRef(false);
  const silent = (status === "stale" || status === "lost") && lastSeen !== null;
  const ready = clock !== null && (newest !== null || silent) && interfaces.length > 0;
  useEffect(() => {
    if (!ready || asked.current || clock === null) return;
    asked.current = true;
    const { bootId, bootToWallNs } = clock;
    const end = newest === null ? Date.parse(lastSeen ?? "") : Number((BigInt(Math.round(newest * 1e9)) + bootToWallNs) / 1_000_000n);
    const ids = new Map(interfaces.map((one) => [one.id, one.ifindex]));
    countersBetween(api, hostId, new Date(end - seconds * 1000), new Date(end)).then(
      (points) => live.rates.prepend(pastSeconds(points, ids, bootToWallNs), bootId),
      // Without the past the charts fill as time goes by; the host's own queries say what is wrong with the hub.
      () => {},
    );
  }, [ready, newest, clock, lastSeen, interfaces, api, hostId, live, seconds]);
}
