import { CodedError, type LabelSelector } from "@sonde/protocol";
import { parseQuery, type Query } from "../../../domain/query/index.ts";
import type { Ctx } from "../../context.ts";
import type { FlowAsk } from "../../store/query/ask.ts";
import type { HostSet } from "../../store/query/scope.ts";
import { requireReader, scopeOf, type Actor } from "../call.ts";

/** What verbs that ask questions need of the hub. */
export type QueryCtx = Pick<Ctx, "queries" | "clock">;

/** A filter and a range of time as texts; without `to` until now, without `from` an hour. */
export type RangeInput = { readonly filter: string; readonly from?: string | undefined; readonly to?: string | undefined };
const HOUR_MS = 3_600_000;

/** Reads the texts of a question, asked by someone who may. Throws NOT_SIGNED_IN, QUERY_FILTER, BAD_REQUEST. */
export function readAsk(ctx: QueryCtx, actor: Actor, input: RangeInput): FlowAsk {
  requireReader(actor);
  const to = input.to === undefined ? ctx.clock.now() : Date.parse(input.to);
  const from = input.from === undefined ? to - HOUR_MS : Date.parse(input.from);
  return { query: readFilter(input.filter), scope: scopeOf(actor), ...checkRange(from, to) };
}

/** Throws BAD_REQUEST unless one time is before the other. */
export function checkRange(from: number, to: number): { from: number; to: number } {
  if (!(from < to)) throw new CodedError("BAD_REQUEST", "`from` must be before `to`");
  return { from, to };
}

function readFilter(text: string): Query {
  const parsed = parseQuery(text);
  if (parsed.ok) return parsed.query;
  const { message, ...place } = parsed.error;
  throw new CodedError("QUERY_FILTER", message, { place });
}

/** Hosts as a request names them, within what the actor sees. Throws NOT_SIGNED_IN. */
export function readHosts(actor: Actor, input: { host?: string[] | undefined; label?: [string, string][] | undefined }): HostSet {
  requireReader(actor);
  const labels: LabelSelector = {};
  for (const [key, value] of input.label ?? []) (labels[key] ??= []).push(value);
  return { ids: input.host ?? null, labels: input.label ? labels : null, scope: scopeOf(actor) };
}

/** The range in whole steps, widened. Throws BAD_REQUEST when there are more than `most` of them. */
export function wholeSteps(range: { from: number; to: number }, stepMs: number, most: number): { from: number; to: number } {
  const from = Math.floor(range.from / stepMs) * stepMs;
  const to = Math.ceil(range.to / stepMs) * stepMs;
  if ((to - from) / stepMs > most) {
    throw new CodedError(
      "BAD_REQUEST",
      `step: ${stepMs / 1000} s makes more than ${most} buckets of this range; a larger step makes fewer`,
    );
  }
  return { from, to };
}

export const iso = (ms: number): string => new Date(ms).toISOString();
