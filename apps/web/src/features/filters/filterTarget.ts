import type { Filter, FilterHost } from "../../api/filters.ts";
import { selectorText } from "../../domain/labels.ts";
import { visible } from "../../domain/text.ts";
import { hostTarget, hostTerm, plainTarget } from "../app/hostTargets.ts";
import type { ValueTarget } from "../app/valueMenu.tsx";
import { filterState } from "./hostStates.ts";
import type { FilterDraft } from "./NewFilter.tsx";

/** An active filter: it is captured on its hosts, copied, or put into the editor as it is, to be pushed with changes. */
export function filterTarget(filter: Filter, onEdit: (draft: FilterDraft) => void): ValueTarget {
  const { expression, selector, sampleN, snaplen } = filter;
  const labels = selector === null ? "" : selectorText(selector);
  return {
    heading: `Filter ${visible(expression.trim()) || "everything"}`,
    text: expression,
    term: null,
    capture: expression,
    hosts: labels,
    push: { label: "Push with changes", onSelect: () => onEdit({ expression, labels, sampleN, snaplen }) },
  };
}

/** What a cell of the hosts of a filter says; without a column the host. */
export function filterHostTarget(host: FilterHost, column: string | null): ValueTarget {
  switch (column ?? "") {
    case "state":
      return plainTarget("State", filterState(host.state).label);
    case "cost":
      return plainTarget("Cost per packet, ns", String(host.nsPerPacket ?? "–"));
    case "instructions":
      return plainTarget("Instructions", String(host.instructions ?? "–"));
    case "held":
      return plainTarget("Set in force", String(host.held));
    case "at":
      return plainTarget("Answered", host.at ?? "not yet");
    case "reason":
      return plainTarget("Reason", host.reason ?? "");
    default:
      return hostTarget({ id: host.hostId, name: host.name }, hostTerm(host));
  }
}
