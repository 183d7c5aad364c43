import { onlyLabels } from "../../domain/hostChoice.ts";
import type { MenuGroup, MenuItem } from "../../ui/Menu.tsx";
import type { ValueLink, ValueTarget } from "./valueMenu.tsx";

/** How a filter is written, and takes in one more condition. */
export type FilterLanguage = {
  readonly name: string;
  readonly including: (filter: string, term: string) => string;
  readonly excluding: (filter: string, term: string) => string;
};

/** What a place does with its values. */
export type ValueActs = {
  /** Without one, its values go into no filter. */
  readonly filter?: string;
  readonly onFilter?: (filter: string) => void;
  /** Where the filter goes, unless it is that of the page. */
  readonly filterLabel?: string;
  readonly language: FilterLanguage;
  /** The hosts that values of this place are captured on, as their field takes them. */
  readonly hosts?: string;
  readonly onCopy: (text: string, what: string) => void;
  readonly go: (link: Pick<ValueLink, "href" | "tab">) => void;
};

/** The menu of a value, group by group. */
export function valueGroups(target: ValueTarget, acts: ValueActs): MenuGroup[] {
  const { text, term, capture, links = [], more = [] } = target;
  const { language, onCopy, go } = acts;
  const copies: MenuItem[] = [
    { label: "Value", onSelect: () => onCopy(text, "The value") },
    ...(term === null ? [] : [{ label: language.name, onSelect: () => onCopy(term, `The ${lower(language.name)}`) }]),
    ...(capture === null || capture === ""
      ? []
      : [{ label: "Capture filter (pcap-filter)", onSelect: () => onCopy(capture, "The capture filter") }]),
  ];
  const groups: MenuGroup[] = [
    { label: acts.filterLabel ?? language.name, items: filterItems(target, acts) },
    { label: "On the hosts", items: hostItems(target, acts) },
    { label: "Look at", items: links.map((link) => ({ ...hinted(link.label, link.hint), onSelect: () => go(link) })) },
    ...more,
    { label: "Copy", items: copies },
  ];
  return groups.filter(({ items }) => items.length > 0);
}

function filterItems({ term, either = null }: ValueTarget, { filter = "", onFilter, language }: ValueActs): MenuItem[] {
  if (onFilter === undefined) return [];
  return [
    ...(term === null
      ? []
      : [
          { label: "Include", hint: term, onSelect: () => onFilter(language.including(filter, term)) },
          { label: "Exclude", onSelect: () => onFilter(language.excluding(filter, term)) },
        ]),
    ...(either === null
      ? []
      : [{ label: "Include either way", hint: either, onSelect: () => onFilter(language.including(filter, either)) }]),
    ...(term === null || filter.trim() === "" ? [] : [{ label: "Only this", onSelect: () => onFilter(term) }]),
  ];
}

function hostItems({ capture, hosts: own, push }: ValueTarget, { hosts: place = "", go }: ValueActs): MenuItem[] {
  if (capture === null) return [];
  const hosts = own ?? place;
  // A filter is for hosts of labels: of hosts by name it says nothing.
  const labels = onlyLabels(hosts) ? hosts : "";
  const pushed =
    capture === "" && labels === ""
      ? []
      : [{ label: "Push as filter", onSelect: () => go({ href: withHosts("/filters", capture, labels) }) }];
  return [
    {
      ...hinted("Capture this", capture === "" ? hosts : capture),
      onSelect: () => go({ href: withHosts("/captures", capture, hosts) }),
    },
    ...(push === undefined ? pushed : [push]),
  ];
}

const hinted = (label: string, hint = ""): Pick<MenuItem, "label" | "hint"> => (hint === "" ? { label } : { label, hint });

/** The address of a screen whose editor begins with an expression and hosts. */
function withHosts(path: string, expression: string, hosts: string): string {
  return `${path}?new=${encodeURIComponent(expression)}${hosts === "" ? "" : `&hosts=${encodeURIComponent(hosts)}`}`;
}

const lower = (text: string): string => `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;
