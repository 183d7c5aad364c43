import { ArrowLeftRight, FileDown, Filter, HousePlus, type LucideIcon, ScanSearch, Server, Settings } from "lucide-react";
import type { ViewScreen } from "../../api/views.ts";

export type Screen = {
  readonly href: string;
  readonly name: string;
  readonly icon: LucideIcon;
  /** Pages whose paths begin so are shown as below it. */
  readonly under?: string;
  readonly view?: ViewScreen;
};

/** The screens of the rail, from the top. */
export const screens: readonly Screen[] = [
  { href: "/", name: "Fleet", icon: Server, under: "/hosts", view: "fleet" },
  { href: "/packets", name: "Packets", icon: ScanSearch, view: "packets" },
  { href: "/flows", name: "Flows", icon: ArrowLeftRight, view: "flows" },
  { href: "/captures", name: "Captures", icon: FileDown, under: "/captures/", view: "captures" },
  { href: "/filters", name: "Filters", icon: Filter, view: "filters" },
  { href: "/enrol", name: "Enrol", icon: HousePlus },
];
export const settings: Screen = { href: "/settings", name: "Settings", icon: Settings };

/** Where a saved view leads: a host's is its path as well. */
export function viewHref(view: { readonly screen: ViewScreen; readonly query: string }): string {
  if (view.screen === "host") return `/hosts/${view.query}`;
  const path = screens.find((screen) => screen.view === view.screen)?.href ?? "/";
  return view.query === "" ? path : `${path}?${view.query}`;
}
