import type { HostStatus } from "@sonde/protocol";
import type { Clock } from "../clock.ts";
import type { HostNow } from "../context.ts";

const STALE_MS = 5_000;
const LOST_MS = 60_000;
const LOOK_MS = 250;

type Known = { heardAt: number; refusal: string | null; clockOffsetNs: string | null; told: HostStatus };
export type StatusChange = { readonly hostId: string; readonly status: HostStatus; readonly lastSeen: number | null };

export type Presence = {
  /** Something came from the host, or its connection answered. */
  heard(hostId: string): void;
  /** The host, known by its credential, was turned away. */
  refused(hostId: string, code: string): void;
  setClockOffset(hostId: string, offsetNs: string): void;
  now(hostId: string, stored: Date | null): HostNow;
  /** Hosts heard of since the last call, and when. */
  takeHeard(): Map<string, number>;
  hosts(): IterableIterator<string>;
  /** Idempotent. */
  stop(): void;
};

/** Who is live, stale, lost or refused (protocol: hostStatusSchema); `onChange` is told of every change once. */
export function createPresence(clock: Clock, onChange: (change: StatusChange) => void): Presence {
  const hosts = new Map<string, Known>();
  let fresh = new Map<string, number>();

  const statusOf = (known: Known): HostStatus => {
    if (known.refusal !== null) return "refused";
    return ageStatus(clock.now() - known.heardAt);
  };
  const look = (hostId: string, known: Known): void => {
    const status = statusOf(known);
    if (status === known.told) return;
    known.told = status;
    onChange({ hostId, status, lastSeen: known.heardAt || null });
  };
  const get = (hostId: string): Known => {
    const known = hosts.get(hostId) ?? { heardAt: 0, refusal: null, clockOffsetNs: null, told: "never" };
    hosts.set(hostId, known);
    return known;
  };
  const stop = clock.every(LOOK_MS, () => hosts.forEach((known, hostId) => look(hostId, known)));

  return {
    heard(hostId) {
      const known = get(hostId);
      known.heardAt = clock.now();
      known.refusal = null;
      fresh.set(hostId, known.heardAt);
      look(hostId, known);
    },
    refused(hostId, code) {
      const known = get(hostId);
      known.refusal = code;
      look(hostId, known);
    },
    setClockOffset(hostId, offsetNs) {
      get(hostId).clockOffsetNs = offsetNs;
    },
    now(hostId, stored) {
      const known = hosts.get(hostId);
      const lastSeen = known?.heardAt ? new Date(known.heardAt) : stored;
      const status = typeof known?.refusal === "string" ? "refused" : lastSeen ? ageStatus(clock.now() - lastSeen.getTime()) : "never";
      return { status, refusal: known?.refusal ?? null, lastSeen, clockOffsetNs: known?.clockOffsetNs ?? null };
    },
    takeHeard() {
      const taken = fresh;
      fresh = new Map();
      return taken;
    },
    hosts: () => hosts.keys(),
    stop,
  };
}

function ageStatus(ageMs: number): HostStatus {
  return ageMs < STALE_MS ? "live" : ageMs < LOST_MS ? "stale" : "lost";
}
