import { clockText, deltaText } from "../time.ts";
import type { PacketRow } from "./types.ts";

/** How times of packets are written. `reference`: from a packet that was chosen for it. */
export const timeModes = [
  { value: "local", label: "Local time", header: "Time (local)" },
  { value: "utc", label: "UTC", header: "Time (UTC)" },
  { value: "date", label: "Date and UTC", header: "Date and time (UTC)" },
  { value: "relative", label: "Since the first packet", header: "Time (relative)" },
  { value: "delta", label: "Since the packet before", header: "Time (delta)" },
  { value: "reference", label: "Since the chosen reference", header: "Time (reference)" },
  { value: "epoch", label: "Seconds since 1970", header: "Time (epoch)" },
] as const;
export type RowTimeMode = (typeof timeModes)[number]["value"];

/** `zeroNs`: the first packet of the table; `referenceNs`: null while none is chosen, then the first. */
export function rowTime(
  { timeNs, previousNs }: Pick<PacketRow, "timeNs" | "previousNs">,
  mode: RowTimeMode,
  zero: { readonly zeroNs: bigint; readonly referenceNs: bigint | null },
): string {
  switch (mode) {
    case "local":
    case "utc":
      return clockText(timeNs, mode);
    case "date":
      return `${new Date(Number(timeNs / 1_000_000n)).toISOString().slice(0, 10)} ${clockText(timeNs, "utc")}`;
    case "relative":
      return deltaText(timeNs - zero.zeroNs);
    case "delta":
      return deltaText(previousNs === null ? 0n : timeNs - previousNs);
    case "reference":
      return deltaText(timeNs - (zero.referenceNs ?? zero.zeroNs));
    case "epoch":
      return `${timeNs / 1_000_000_000n}.${String(timeNs % 1_000_000_000n).padStart(9, "0")}`;
  }
}
