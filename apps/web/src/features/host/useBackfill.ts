"use client";
import { useEffect, useRef } from "react";
import { countersBetween } from "../../api/queries.ts";
import type { HostInterface } from "../../api/types.ts";
import { pastSeconds } from "../../domain/history.ts";
import type { HostFeed } from "../../live/hostFeed.ts";
import { useServices } from "../app/services.tsx";
import { useStore } from "../app/useStore.ts";

/** Fills the window of the charts from the hub's store, once the first live second and the host's clock are known. */
export function useBackfill(hostId: string, live: HostFeed, interfaces: readonly HostInterface[], seconds: number): void {
  const { api } = useServices();
  const bootToWallNs = useStore(live.state).clock?.bootToWallNs ?? null;
  const newest = useStore(live.rates).times.at(-1) ?? null;
  const asked = useRef(false);
  const ready = bootToWallNs !== null && newest !== null && interfaces.length > 0;
  useEffect(() => {
    if (!ready || asked.current || newest === null || bootToWallNs === null) return;
    asked.current = true;
    const end = Number((BigInt(Math.round(newest * 1e9)) + bootToWallNs) / 1_000_000n);
    const ids = new Map(interfaces.map((one) => [one.id, one.ifindex]));
    countersBetween(api, hostId, new Date(end - seconds * 1000), new Date(end)).then(
      (points) => live.rates.prepend(pastSeconds(points, ids, bootToWallNs)),
      // Without the past the charts fill as time goes by; the host's own queries say what is wrong with the hub.
      () => {},
    );
  }, [ready, newest, bootToWallNs, interfaces, api, hostId, live, seconds]);
}
