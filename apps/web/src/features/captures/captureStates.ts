import type { Capture, CaptureEnd, CaptureHostState } from "../../api/captures.ts";
import { countStates, type StateLook } from "../../domain/states.ts";

/** In the order in which they are told. */
const looks: Record<CaptureHostState, StateLook> = {
  running: { tone: "ok", shape: "filled", label: "Running", meaning: "The host's kernel takes what matches." },
  draining: {
    tone: "monitored",
    shape: "half",
    label: "Arriving",
    meaning: "The host has ended it; packets it took are still on their way to the hub.",
  },
  pending: { tone: "monitored", shape: "half", label: "Pending", meaning: "The host was asked and has not answered yet." },
  offline: {
    tone: "muted",
    shape: "ring",
    label: "Offline",
    meaning: "The host is not connected. It takes part as soon as it is, while the capture runs.",
  },
  refused: {
    tone: "dropped",
    shape: "crossed",
    label: "Refused",
    meaning: "The host did not take the capture's filter; its reason stands beside.",
  },
  ended: { tone: "muted", shape: "filled", label: "Ended", meaning: "All it took is in the file, but for what is counted as lost." },
};

/** How a host's part in a capture is shown, in words. */
export const captureState = (state: CaptureHostState): StateLook => looks[state];

/** How many hosts are in each state; states without one are left out. */
export const captureCounts = (states: Capture["states"]) => countStates(looks, (state) => states[state] ?? 0);

export const isCaptureHostState = (text: string): text is CaptureHostState => Object.hasOwn(looks, text);

const ends: Record<CaptureEnd, string> = {
  time: "its time was over",
  packets: "it had its packets",
  bytes: "it had its bytes",
  stopped: "it was stopped",
  disk: "the hub's disk ran low",
};

/** Why it ended; null while it runs. */
export const captureEnd = (end: CaptureEnd | null): string | null => (end === null ? null : ends[end]);
