/** Packet times: nanoseconds of the hub's clock, as bigint; local and UTC text; deltas. */

export type TimeMode = "local" | "utc" | "relative" | "delta";

const two = (value: number): string => String(value).padStart(2, "0");

/** `HH:MM:SS.ffffff` of nanoseconds since 1970, in the reader's zone or UTC. */
export function clockText(wallNs: bigint, zone: "local" | "utc"): string {
  const date = new Date(Number(wallNs / 1_000_000n));
  const micros = String((wallNs / 1000n) % 1_000_000n).padStart(6, "0");
  return zone === "utc"
    ? `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}.${micros}`
    : `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${micros}`;
}

/** A difference in seconds with six places and its sign: `+0.000123`. */
export function deltaText(ns: bigint): string {
  const size = ns < 0n ? -ns : ns;
  return `${ns < 0n ? "−" : "+"}${size / 1_000_000_000n}.${String((size / 1000n) % 1_000_000n).padStart(6, "0")}`;
}

/** What a packet's time is written against. `bootToWallNs` is null until the hub has estimated the host's clock. */
export type TimeBase = { readonly bootToWallNs: bigint | null; readonly firstNs: bigint; readonly previousNs: bigint | null };

/** A packet's boot time in the chosen mode; without a clock estimate, absolute modes fall back to boot seconds. */
export function packetTime(tsNs: bigint, mode: TimeMode, base: TimeBase): string {
  if (mode === "relative") return deltaText(tsNs - base.firstNs);
  if (mode === "delta") return base.previousNs === null ? deltaText(0n) : deltaText(tsNs - base.previousNs);
  if (base.bootToWallNs === null) return `boot ${deltaText(tsNs)}`;
  return clockText(tsNs + base.bootToWallNs, mode);
}
