"use client";
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { hostsQuery } from "../../api/queries.ts";
import { viewsQuery } from "../../api/views.ts";
import { labelText } from "../../domain/labels.ts";
import { visible } from "../../domain/text.ts";
import { Palette, type PaletteGroup } from "../../ui/Palette.tsx";
import { screens, settings, viewHref } from "./screens.ts";
import { useServices } from "./services.tsx";

export type CommandPaletteProps = { open: boolean; onOpenChange: (open: boolean) => void; onShortcuts: () => void; onSignOut: () => void };

/** Ctrl+K: screens, hosts, saved views, and what can be begun. */
export function CommandPalette({ open, onOpenChange, onShortcuts, onSignOut }: CommandPaletteProps) {
  const { api } = useServices();
  const router = useRouter();
  const hosts = useQuery({ ...hostsQuery(api), enabled: open }).data ?? [];
  const views = useQuery({ ...viewsQuery(api), enabled: open }).data ?? [];
  const go = (href: string) => () => router.push(href);
  const groups: PaletteGroup[] = [
    {
      label: "Screens",
      items: [...screens, settings].map(({ href, name }) => ({ id: `screen ${href}`, label: name, run: go(href) })),
    },
    {
      label: "Do",
      items: [
        { id: "do host", label: "Add a host", run: go("/?add=host") },
        { id: "do capture", label: "Start a capture", run: go("/captures?new=") },
        { id: "do filter", label: "Push a filter", run: go("/filters") },
        { id: "do file", label: "Open a capture file", run: go("/packets?file=") },
        { id: "do keys", label: "Keyboard shortcuts", detail: "?", run: onShortcuts },
        { id: "do out", label: "Sign out", run: onSignOut },
      ],
    },
    {
      label: "Views",
      items: views.map((view) => ({ id: view.id, label: visible(view.name), detail: view.screen, run: go(viewHref(view)) })),
    },
    {
      label: "Hosts",
      items: hosts.map((host) => ({
        id: host.id,
        label: visible(host.name),
        detail: host.labels.map(labelText).join(" "),
        run: go(`/hosts/${host.id}`),
      })),
    },
  ];
  return <Palette open={open} onOpenChange={onOpenChange} groups={groups.filter((group) => group.items.length > 0)} />;
}
