import { fleetWord } from "../../domain/fleetFilter.ts";
import { hostWord } from "../../domain/hostChoice.ts";
import { labelText } from "../../domain/labels.ts";
import { quoted } from "../../domain/packets/expressions.ts";
import { visible } from "../../domain/text.ts";
import type { ValueLink, ValueTarget } from "./valueMenu.tsx";

type Named = { readonly id: string; readonly name: string };
type Label = { readonly key: string; readonly value: string };

/** A value that no filter knows; `shown` where it is written otherwise than it is copied. */
export const plainTarget = (heading: string, text: string, shown = text): ValueTarget => ({
  heading: `${heading} ${visible(shown)}`,
  text,
  term: null,
  capture: null,
});

/** The address of a screen with a filter. Of that of packets, what is open there: hosts that are watched, or a capture. */
export function filterHref(path: string, filter: string, open: { readonly live?: string; readonly capture?: string } = {}): string {
  return `${path}?${new URLSearchParams({ ...open, ...(filter === "" ? {} : { filter }) }).toString()}`;
}

/** The display filter for what comes from a host. */
export const hostTerm = ({ name }: Pick<Named, "name">): string => `host.name == ${quoted(name)}`;

/** A host; `term` says it in the filter of the place. */
export function hostTarget(host: Named, term: string | null): ValueTarget {
  return {
    heading: `Host ${visible(host.name)}`,
    text: host.name,
    term,
    capture: "",
    hosts: hostWord(host),
    links: [
      { label: "Its flows", href: filterHref("/flows", `host.id == "${host.id}"`) },
      { label: "Its packets as they come", href: filterHref("/packets", "", { live: hostWord(host) }) },
      { label: "The host in a new tab", href: `/hosts/${host.id}`, tab: true },
    ],
  };
}

/** A label, in the filter of the fleet. */
export function labelTarget(label: Label): ValueTarget {
  const text = labelText(label);
  return { heading: `Label ${visible(text)}`, text, term: text, capture: "", hosts: text, links: labelLinks(label) };
}

function labelLinks(label: Label): readonly ValueLink[] {
  const term = `host.label.${label.key} == ${quoted(label.value)}`;
  return [
    { label: "Flows of these hosts", hint: term, href: filterHref("/flows", term) },
    { label: "Their packets as they come", href: filterHref("/packets", "", { live: labelText(label) }) },
  ];
}

/** The version of a kernel or an agent, in the filter of the fleet. */
export function versionTarget(of: "kernel" | "agent", version: string | null): ValueTarget {
  const target = plainTarget(of === "kernel" ? "Kernel" : "Agent", version ?? "–");
  return version === null ? target : { ...target, term: fleetWord(of, version) };
}
