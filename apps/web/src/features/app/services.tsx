"use client";
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useState } from "react";
import type { ReactNode } from "react";
import { createAccount } from "../../api/account.ts";
import type { Account } from "../../api/account.ts";
import { ApiClient, ApiError } from "../../api/client.ts";
import { invalidateHosts, worthRetrying } from "../../api/queries.ts";
import { FleetStore } from "../../live/fleetStore.ts";
import { LiveFeed } from "../../live/liveFeed.ts";
import { PagePackets } from "../../live/packets/pagePackets.ts";
import { startPackets } from "../../live/packets/start.ts";
import { onFrame } from "../../live/signal.ts";
import { openLiveSocket } from "../../live/socket.ts";

/** What every signed-in screen works with; made once per page, not per module. */
export type Services = {
  readonly api: ApiClient;
  readonly account: Account;
  readonly feed: LiveFeed;
  readonly fleet: FleetStore;
  readonly queries: QueryClient;
  readonly packets: PagePackets;
};

const Context = createContext<Services | null>(null);

export function useServices(): Services {
  const services = useContext(Context);
  if (services === null) throw new Error("useServices outside of ServicesProvider");
  return services;
}

function build(): Services {
  const fetchFn: typeof fetch = (...args) => fetch(...args);
  const api = new ApiClient(fetchFn);
  const queries = new QueryClient({
    queryCache: new QueryCache({ onError: leaveWhenSignedOut }),
    defaultOptions: { queries: { retry: worthRetrying, staleTime: 5000 } },
  });
  const feed = new LiveFeed({
    socket: openLiveSocket(),
    schedule: onFrame,
    now: () => Date.now(),
    later: (run) => void setTimeout(run, 2000 + Math.random() * 2000),
  });
  const fleet = new FleetStore({ feed, schedule: onFrame, onChanged: (ids) => invalidateHosts(queries, ids) });
  const packets = new PagePackets({ start: startPackets, schedule: onFrame });
  return { api, account: createAccount(fetchFn), feed, fleet, queries, packets };
}

/** A session can end while a page is open; its next request says so. */
function leaveWhenSignedOut(error: Error): void {
  if (error instanceof ApiError && error.code === "NOT_SIGNED_IN") location.assign("/sign-in");
}

/** Keeps the fleet's rates and changes coming for as long as the page is open. */
export function ServicesProvider({ children }: { children: ReactNode }) {
  const [services] = useState(build);
  useEffect(() => services.fleet.start(), [services]);
  return (
    <Context value={services}>
      <QueryClientProvider client={services.queries}>{children}</QueryClientProvider>
    </Context>
  );
}
