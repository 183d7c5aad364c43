"use client";
import { useRouter } from "next/navigation";
import { fleetLanguage } from "../../domain/fleetFilter.ts";
import { hostWord } from "../../domain/hostChoice.ts";
import { filterHref } from "../app/hostTargets.ts";
import { useValueMenu } from "../app/valueMenu.tsx";

type ValueMenu = Pick<ReturnType<typeof useValueMenu>, "show" | "menu">;

/** The menu of what a host's packets have: to include it opens the screen of packets, watching this host; captures are of it alone. */
export function usePacketMenu(host: { readonly id: string; readonly name: string | null }): ValueMenu {
  const router = useRouter();
  const hosts = hostWord(host);
  return useValueMenu({
    onFilter: (filter) => router.push(filterHref("/packets", filter, { live: hosts })),
    filterLabel: "On the screen of packets",
    hosts,
  });
}

/** The menu of what a host is: to include it lists the hosts that are the same. */
export function useFleetMenu(): ValueMenu {
  const router = useRouter();
  return useValueMenu({
    onFilter: (filter) => router.push(filterHref("/", filter)),
    filterLabel: "In the list of the fleet",
    language: fleetLanguage,
  });
}
