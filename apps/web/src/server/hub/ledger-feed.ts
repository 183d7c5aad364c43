import type { Ledger } from "@sonde/protocol";
import type { Clock } from "../clock.ts";

const EVERY_MS = 500;

/** Passes on the latest committed ledger of each host's newest run, at most twice a second. */
export function createLedgerFeed(
  clock: Clock,
  send: (hostId: string, ledger: Ledger) => void,
): {
  changed(hostId: string, ledger: Ledger): void;
  /** Idempotent. */
  stop(): void;
} {
  const changed = new Map<string, Ledger>();
  /** When each host's newest run began: what its agent kept of earlier ones may be stored meanwhile. */
  const newest = new Map<string, string>();
  const stop = clock.every(EVERY_MS, () => {
    for (const [hostId, ledger] of changed) send(hostId, ledger);
    changed.clear();
  });
  return {
    changed(hostId, ledger) {
      if (ledger.since < (newest.get(hostId) ?? "")) return;
      newest.set(hostId, ledger.since);
      changed.set(hostId, ledger);
    },
    stop,
  };
}
