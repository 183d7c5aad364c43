import type { Clock } from "../clock.ts";

const EVERY_MS = 250;

/** Gathers which hosts changed and tells at most four times a second, so that a fleet that comes back is not told host by host. */
export function createChangeFeed(
  clock: Clock,
  tell: (hostIds: string[]) => void,
): {
  /** None named: the list alone, of which a page hears with any name too. */
  changed(hostIds: readonly string[]): void;
  /** Idempotent. */
  stop(): void;
} {
  const named = new Set<string>();
  let stopWaiting: (() => void) | null = null;
  const flush = (): void => {
    stopWaiting = null;
    const hostIds = [...named];
    named.clear();
    tell(hostIds);
  };
  return {
    changed(hostIds) {
      for (const hostId of hostIds) named.add(hostId);
      stopWaiting ??= clock.after(EVERY_MS, flush);
    },
    stop: () => stopWaiting?.(),
  };
}
