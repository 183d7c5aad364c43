"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { ReactNode } from "react";
import { MenuAt } from "../../ui/Menu.tsx";
import type { MenuGroup, MenuItem } from "../../ui/Menu.tsx";
import { useCopy } from "./useCopy.tsx";
import { excluding, including } from "../../domain/packets/expressions.ts";

/** A value that was clicked: what it is, and how filters name it. */
export type ValueTarget = {
  readonly heading: string;
  /** What "Copy" takes. */
  readonly text: string;
  /** Display filter; null where none can say it. */
  readonly term: string | null;
  /** The same of either end of a conversation. */
  readonly either?: string | null;
  /** In tcpdump's language. */
  readonly capture: string | null;
  /** More of its place: what is done with the packet it stands in. */
  readonly more?: readonly MenuGroup[];
};
type Place = { readonly x: number; readonly y: number };

type Shown = { readonly target: ValueTarget; readonly at: Place; readonly from: Element | null };
export type ShowMenu = (target: ValueTarget, at: Place) => void;

/** What can be done with any value: include it, exclude it, capture it, push it as a filter, copy it. */
export function useValueMenu(acts: Omit<Acts, "go" | "onCopy">): {
  readonly show: ShowMenu;
  readonly menu: ReactNode;
  readonly copy: (text: string, what: string) => void;
} {
  const router = useRouter();
  const { copy, outcome } = useCopy();
  const [shown, setShown] = useState<Shown | null>(null);
  const groups = shown === null ? [] : groupsOf(shown.target, { ...acts, onCopy: copy, go: (href) => router.push(href) });
  const from = shown?.from;
  return {
    show: (target, at) => setShown({ target, at, from: document.activeElement }),
    menu: (
      <>
        <MenuAt
          at={shown?.at ?? null}
          heading={shown?.target.heading}
          groups={groups}
          onClose={() => setShown(null)}
          back={() => (from instanceof HTMLElement ? from : null)}
        />
        {outcome}
      </>
    ),
    copy,
  };
}

type Acts = {
  filter: string;
  onFilter: (filter: string) => void;
  /** Where the filter goes, unless it is that of the page. */
  filterLabel?: string;
  onCopy: (text: string, what: string) => void;
  go: (href: string) => void;
};

function groupsOf(
  { text, term, either = null, capture, more = [] }: ValueTarget,
  { filter, onFilter, filterLabel = "Display filter", onCopy, go }: Acts,
): MenuGroup[] {
  const filters: MenuItem[] = [
    ...(term === null
      ? []
      : [
          { label: "Include", hint: term, onSelect: () => onFilter(including(filter, term)) },
          { label: "Exclude", onSelect: () => onFilter(excluding(filter, term)) },
        ]),
    ...(either === null ? [] : [{ label: "Include either way", hint: either, onSelect: () => onFilter(including(filter, either)) }]),
    ...(term === null || filter.trim() === "" ? [] : [{ label: "Only this", onSelect: () => onFilter(term) }]),
  ];
  const captures: MenuItem[] =
    capture === null
      ? []
      : [
          { label: "Capture this", hint: capture, onSelect: () => go(`/captures?new=${encodeURIComponent(capture)}`) },
          { label: "Push as filter", onSelect: () => go(`/filters?new=${encodeURIComponent(capture)}`) },
        ];
  const copies: MenuItem[] = [
    { label: "Value", onSelect: () => onCopy(text, "The value") },
    ...(term === null ? [] : [{ label: "Display filter", onSelect: () => onCopy(term, "The display filter") }]),
    ...(capture === null ? [] : [{ label: "Capture filter (pcap-filter)", onSelect: () => onCopy(capture, "The capture filter") }]),
  ];
  return [
    ...(filters.length === 0 ? [] : [{ label: filterLabel, items: filters }]),
    ...(captures.length === 0 ? [] : [{ label: "On the hosts", items: captures }]),
    ...more,
    { label: "Copy", items: copies },
  ];
}
