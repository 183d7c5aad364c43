import { Refused } from "../hub/client.ts";
import type { Io } from "../context.ts";
import { CommandError } from "../errors.ts";
import { safeText } from "../output/text.ts";
import { parseTime } from "../output/times.ts";

/** What every query of flows takes. */
export type RangeFlags = { readonly filter?: string; readonly from: string; readonly to?: string };
export type Range = { readonly filter: string | undefined; readonly from: string; readonly to: string };

/** The range with both ends fixed, so that every page of it is of the same time. Throws UsageError. */
export function rangeOf({ filter, from, to = "now" }: RangeFlags, io: Io): Range {
  const now = io.now();
  return { filter, from: parseTime(from, now), to: parseTime(to, now) };
}

/** A filter that the hub does not understand is shown with the place. */
export async function pointing<T>(filter: string | undefined, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { position, length } = error instanceof Refused ? error.problem : {};
    if (!(error instanceof Refused) || filter === undefined || position === undefined) throw error;
    const before = safeText(filter.slice(0, position)).length;
    const marked = Math.max(1, safeText(filter.slice(position, position + (length ?? 1))).length);
    throw new CommandError(`${error.message}\n  ${safeText(filter)}\n  ${" ".repeat(before)}${"^".repeat(marked)}`);
  }
}
