"use client";
import { useEffect, useState } from "react";
import { HostFeed } from "../../live/hostFeed.ts";
import { atMostEvery, browserPace, onFrame } from "../../live/signal.ts";
import { useServices } from "../app/services.tsx";

/** A list of which every row changes is drawn ten times a second. */
const PACKETS_MS = 100;

/** The live stores of one host, watched while the caller is on the page. */
export function useHostFeed(hostId: string): HostFeed {
  const { feed } = useServices();
  const [host] = useState(
    () => new HostFeed({ feed, hostId, schedule: onFrame, packetSchedule: atMostEvery(PACKETS_MS, onFrame, browserPace) }),
  );
  useEffect(() => host.start(), [host]);
  return host;
}
