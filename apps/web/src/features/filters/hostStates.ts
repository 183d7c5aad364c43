import type { FilterHost, FilterState } from "../../api/filters.ts";
import { countStates, type StateLook } from "../../domain/states.ts";

/** In the order in which they are told. */
const looks: Record<FilterState, StateLook> = {
  applied: {
    tone: "ok",
    shape: "filled",
    label: "Applied",
    meaning: "The host's kernel holds this set. Its cost is of the whole engine, but for recording.",
  },
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
  pending: { tone: "monitored", shape: "half", label: "Pending", meaning: "The host was asked and has not answered yet." },
  offline: { tone: "muted", shape: "ring", label: "Offline", meaning: "The host is not connected. It gets the set as soon as it is." },
};

/** How a host's answer to a filter set is shown, in words. */
export function filterState(state: FilterState): StateLook {
  return looks[state];
}

/** How many hosts are in each state; states without a host are left out. */
export const countsByState = (hosts: readonly FilterHost[]) =>
  countStates(looks, (state) => hosts.filter((host) => host.state === state).length);

export const isFilterState = (text: string): text is FilterState => Object.hasOwn(looks, text);

export const connectedCount = (hosts: readonly FilterHost[]): number => hosts.filter((host) => host.state !== "offline").length;
