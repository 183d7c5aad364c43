import { errorCodes } from "@sonde/protocol";
import type { HostStatus } from "@sonde/protocol";

export type StateLook = {
  readonly tone: "ok" | "monitored" | "dropped" | "muted" | "accent";
  readonly shape: "filled" | "half" | "ring" | "crossed";
  /** One or two words, beside the dot. */
  readonly label: string;
  /** A sentence: what it means for what is on the screen. */
  readonly meaning: string;
};

const hostStates: Record<HostStatus, StateLook> = {
  live: { tone: "ok", shape: "filled", label: "Live", meaning: "The hub heard from this host within the last 5 s." },
  stale: {
    tone: "monitored",
    shape: "half",
    label: "Stale",
    meaning: "The hub has heard nothing from this host for more than 5 s. What is shown is from before.",
  },
  lost: {
    tone: "dropped",
    shape: "ring",
    label: "Lost",
    meaning: "The hub has heard nothing from this host for more than 60 s. Its agent is stopped or cannot reach the hub.",
  },
  refused: { tone: "dropped", shape: "crossed", label: "Refused", meaning: "The hub turns this host's agent away." },
  never: { tone: "muted", shape: "ring", label: "Not connected yet", meaning: "The host is enrolled, but its agent has not connected." },
};

/** How a host's status is shown, in words. */
export function hostState(status: HostStatus): StateLook {
  return hostStates[status];
}

/** What a host's status means, with the reason when it is refused; `refusal` is an error code of the protocol. */
export function hostMeaning(status: HostStatus, refusal: string | null): string {
  const { meaning } = hostStates[status];
  const reason =
    status === "refused" && refusal !== null ? Object.entries(errorCodes).find(([code]) => code === refusal)?.[1].title : undefined;
  return reason === undefined ? meaning : `${meaning} ${reason}.`;
}

/** How many are in each state, in the order of the looks; states without one are left out. */
export function countStates<S extends string>(
  looks: Readonly<Record<S, StateLook>>,
  countOf: (state: S) => number,
): readonly { readonly state: S; readonly count: number; readonly label: string }[] {
  return (Object.keys(looks) as S[])
    .map((state) => ({ state, count: countOf(state), label: looks[state].label.toLowerCase() }))
    .filter(({ count }) => count > 0);
}
