import { UsageError } from "../errors.ts";

const UNITS: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3600e3, d: 86400e3, w: 7 * 86400e3 };
const SPAN = /^(\d{1,6})([smhdw])$/;

/** Milliseconds of a span like 90s, 15m, 6h, 7d or 2w; null for anything else. */
export function parseSpan(text: string): number | null {
  const [, count, unit = ""] = SPAN.exec(text) ?? [];
  return count === undefined ? null : Number(count) * UNITS[unit]!;
}

/** A time as RFC 3339 (2026-11-20T12:00:00Z), or how long ago (15m, 6h, 7d), or now. Throws UsageError. */
export function parseTime(text: string, now: number): string {
  if (text === "now") return new Date(now).toISOString();
  const span = parseSpan(text);
  if (span !== null) return new Date(now - span).toISOString();
  const at = /^\d{4}-\d\d-\d\d(T|$)/.test(text) ? new Date(text) : null;
  if (!at || Number.isNaN(at.getTime()))
    throw new UsageError(`a time is like 2026-11-20T12:00:00Z, or 15m, 6h, 7d ago, or now; not ${JSON.stringify(text.slice(0, 100))}`);
  return at.toISOString();
}

/** How long ago a time was, in the largest whole unit. */
export function ago(time: string | null, now: number): string | null {
  if (time === null) return null;
  const ms = Math.max(0, now - Date.parse(time));
  const unit = (["d", "h", "m", "s"] as const).find((one) => ms >= UNITS[one]!) ?? "s";
  return `${Math.floor(ms / UNITS[unit]!)}${unit} ago`;
}
