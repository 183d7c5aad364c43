"use client";
import { useEffect, useState } from "react";
import { HostFeed } from "../../live/hostFeed.ts";
import { onFrame } from "../../live/signal.ts";
import { useServices } from "../app/services.tsx";

/** The live stores of one host, watched while the caller is on the page. */
export function useHostFeed(hostId: string): HostFeed {
  const { feed } = useServices();
  const [host] = useState(() => new HostFeed({ feed, hostId, schedule: onFrame }));
  useEffect(() => host.start(), [host]);
  return host;
}
