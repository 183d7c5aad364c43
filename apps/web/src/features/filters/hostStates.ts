import type { FilterHost, FilterState } from "../../api/filters.ts";
import type { StateLook } from "../../domain/states.ts";

const looks: Record<FilterState, StateLook> = {
  applied: {
    tone: "ok",
    shape: "filled",
    label: "Applied",
    meaning: "The host's kernel holds this set. Its cost is of the whole engine, but for recording.",
  },
  pending: { tone: "monitored", shape: "half", label: "Pending", meaning: "The host was asked and has not answered yet." },
  refused: {
    tone: "dropped",
    shape: "crossed",
    label: "Refused",
    meaning: "The host did not take this set; the one before it stays in force there.",
  },
  "no-answer": {
    tone: "dropped",
    shape: "ring",
    label: "No answer",
    meaning: "The agent is connected but was silent for too long. It is asked again every 30 s.",
  },
  offline: { tone: "muted", shape: "ring", label: "Offline", meaning: "The host is not connected. It gets the set as soon as it is." },
};

/** How a host's answer to a filter set is shown, in words. */
export function filterState(state: FilterState): StateLook {
  return looks[state];
}

/** In the order in which they are told. */
const order: readonly FilterState[] = ["applied", "refused", "no-answer", "pending", "offline"];

/** How many hosts are in each state, in the order in which they are told; states without a host are left out. */
export function countsByState(hosts: readonly FilterHost[]): readonly { state: FilterState; count: number; label: string }[] {
  return order
    .map((state) => ({ state, count: hosts.filter((host) => host.state === state).length, label: looks[state].label.toLowerCase() }))
    .filter(({ count }) => count > 0);
}

export const isFilterState = (text: string): text is FilterState => order.some((state) => state === text);

export const connectedCount = (hosts: readonly FilterHost[]): number => hosts.filter((host) => host.state !== "offline").length;

/** `1 host`, `3 hosts`. */
export const hostCount = (count: number): string => `${count} ${count === 1 ? "host" : "hosts"}`;
