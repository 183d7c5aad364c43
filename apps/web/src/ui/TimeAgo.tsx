"use client";
import { useSyncExternalStore } from "react";

function everySecond(listener: () => void): () => void {
  const timer = setInterval(listener, 1000);
  return () => clearInterval(timer);
}
const thisSecond = (): number => Math.floor(Date.now() / 1000) * 1000;

/** How long ago, kept current. Takes an RFC 3339 time and how to say a length of milliseconds; null is never. */
export function TimeAgo({ at, say }: { at: string | null; say: (ms: number) => string }) {
  // The server's clock is not the reader's: nothing is written until the page runs.
  const now = useSyncExternalStore<number | null>(everySecond, thisSecond, () => null);
  if (at === null) return <span className="text-muted">never</span>;
  if (now === null) return null;
  return (
    <time dateTime={at} title={at} className="whitespace-nowrap">
      {say(now - Date.parse(at))} ago
    </time>
  );
}
