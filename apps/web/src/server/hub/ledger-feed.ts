import type { Ledger } from "@sonde/protocol";
import type { Clock } from "../clock.ts";

const EVERY_MS = 500;

/** Passes on each host's latest committed ledger, at most twice a second. */
export function createLedgerFeed(
  clock: Clock,
  send: (hostId: string, ledger: Ledger) => void,
): {
  changed(hostId: string, ledger: Ledger): void;
  /** Idempotent. */
  stop(): void;
} {
  const changed = new Map<string, Ledger>();
  const stop = clock.every(EVERY_MS, () => {
    for (const [hostId, ledger] of changed) send(hostId, ledger);
    changed.clear();
  });
  return { changed: (hostId, ledger) => void changed.set(hostId, ledger), stop };
}
