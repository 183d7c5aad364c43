"use client";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { ReactNode } from "react";
import type { MenuGroup, MenuItem } from "../../ui/Menu.tsx";
import { excluding, including } from "../../domain/packets/expressions.ts";
import { useCopy } from "./useCopy.tsx";
import { useOnce } from "./useOnce.ts";
import { valueGroups, type FilterLanguage, type ValueActs } from "./valueGroups.ts";

const MenuAt = dynamic(() => import("../../ui/Menu.tsx").then((file) => file.MenuAt));

/** A value that was clicked: what it is, and how filters name it. */
export type ValueTarget = {
  readonly heading: string;
  /** What "Copy" takes. */
  readonly text: string;
  /** In the language of the filter that it goes into; null where that cannot say it. */
  readonly term: string | null;
  /** The same of either end of a conversation. */
  readonly either?: string | null;
  /** In tcpdump's language, where "" takes every packet; null where that cannot say it. */
  readonly capture: string | null;
  /** The hosts to capture on, as their field takes them; else those of the place. */
  readonly hosts?: string;
  /** In place of pushing it as a filter. */
  readonly push?: MenuItem;
  /** Other screens that show what it is about. */
  readonly links?: readonly ValueLink[];
  /** More of its place: what is done with the packet it stands in. */
  readonly more?: readonly MenuGroup[];
};
/** `tab`: in one of its own. */
export type ValueLink = { readonly label: string; readonly hint?: string; readonly href: string; readonly tab?: boolean };
type Place = { readonly x: number; readonly y: number };

type Shown = { readonly target: ValueTarget; readonly at: Place; readonly from: Element | null };
export type ShowMenu = (target: ValueTarget, at: Place) => void;

const displayFilter: FilterLanguage = { name: "Display filter", including, excluding };

type Acts = Omit<ValueActs, "go" | "onCopy" | "language"> & { readonly language?: FilterLanguage };

/** What can be done with any value: include it, exclude it, capture it, push it as a filter, copy it. */
export function useValueMenu({ language = displayFilter, ...acts }: Acts): {
  readonly show: ShowMenu;
  readonly menu: ReactNode;
  readonly copy: (text: string, what: string) => void;
} {
  const router = useRouter();
  const { copy, outcome } = useCopy();
  const [shown, setShown] = useState<Shown | null>(null);
  const ever = useOnce(shown !== null);
  const go = ({ href, tab = false }: Pick<ValueLink, "href" | "tab">) =>
    tab ? void window.open(href, "_blank", "noopener") : router.push(href);
  const from = shown?.from;
  return {
    show: (target, at) => setShown({ target, at, from: document.activeElement }),
    menu: (
      <>
        {ever ? (
          <MenuAt
            at={shown?.at ?? null}
            heading={shown?.target.heading}
            groups={shown === null ? [] : valueGroups(shown.target, { ...acts, language, onCopy: copy, go })}
            onClose={() => setShown(null)}
            back={() => (from instanceof HTMLElement ? from : null)}
          />
        ) : null}
        {outcome}
      </>
    ),
    copy,
  };
}
