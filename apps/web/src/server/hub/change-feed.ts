import type { Clock } from "../clock.ts";

const EVERY_MS = 250;

/**
 * Gathers which hosts, or captures, changed and tells at most four times a second unless said otherwise, so that a fleet
 * that comes back is not told host by host.
 */
export function createChangeFeed(
  clock: Clock,
  tell: (ids: string[]) => void,
  everyMs = EVERY_MS,
): {
  /** None named: the list alone, of which a page hears with any name too. */
  changed(ids: readonly string[]): void;
  /** Idempotent. */
  stop(): void;
} {
  const named = new Set<string>();
  let stopWaiting: (() => void) | null = null;
  const flush = (): void => {
    stopWaiting = null;
    const ids = [...named];
    named.clear();
    tell(ids);
  };
  return {
    changed(ids) {
      for (const id of ids) named.add(id);
      stopWaiting ??= clock.after(everyMs, flush);
    },
    stop: () => stopWaiting?.(),
  };
}
