export const ranges = [
  { value: "5m", label: "5 min", ms: 300_000 },
  { value: "1h", label: "1 h", ms: 3_600_000 },
  { value: "24h", label: "24 h", ms: 86_400_000 },
] as const;

/** [from, to) as RFC 3339 texts. */
export type TimeRange = { readonly from: string; readonly to: string };

/**
 * The range that the page's address names: `5m`, `1h` or `24h` back from `now`, or two times with a slash between.
 * What is neither is an hour.
 */
export function rangeOf(text: string, now: number): TimeRange {
  const [from = "", to = ""] = text.split("/");
  if (Date.parse(from) < Date.parse(to)) return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  const ms = ranges.find((one) => one.value === text)?.ms ?? 3_600_000;
  return { from: new Date(now - ms).toISOString(), to: new Date(now).toISOString() };
}

/** `YYYY-MM-DDTHH:MM:SS` in the reader's zone, as a datetime-local field has it; and back, null for no time. */
export function localText(iso: string): string {
  const date = new Date(iso);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
export function fromLocalText(text: string): string | null {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
