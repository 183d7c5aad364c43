"use client";
import { useEffect, useState } from "react";

/** How long ago, kept current. Takes an RFC 3339 time and how to say a length of milliseconds; null is unknown. */
export function TimeAgo({ at, say }: { at: string | null; say: (ms: number) => string }) {
  const [now, setNow] = useState<number | null>(null);
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  if (at === null) return <span className="text-muted">never</span>;
  if (now === null) return null;
  return (
    <time dateTime={at} title={at} className="whitespace-nowrap">
      {say(now - Date.parse(at))} ago
    </time>
  );
}
