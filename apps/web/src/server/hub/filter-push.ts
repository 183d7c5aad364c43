import { filtersAckSchema, type FiltersMessage } from "@sonde/protocol";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import type { Ctx } from "../context.ts";
import type { HostClock } from "../services/captures/limits.ts";
import { reassignSets } from "../services/filters/assign.ts";
import { recordAnswer, recordAsked, standings, type HostAnswer, type Standing } from "../services/filters/record.ts";
import { isStorable } from "../storable.ts";
import { filterMessages } from "./filter-messages.ts";

/** An agent has this long to compile, load and measure a set. */
const ANSWER_MS = 15_000;
const RECONCILE_MS = 30_000;
/** Many hosts answer within a moment: browsers hear of it once. */
const TELL_MS = 100;

export type FilterPushOptions = {
  readonly db: Ctx["db"];
  readonly clock: Clock;
  readonly log: Logger;
  readonly agents: {
    /** Hosts whose agent has said hello. */
    connected(): readonly string[];
    isConnected(hostId: string): boolean;
    /** Null when its agent is not connected. */
    clockOf(hostId: string): HostClock | null;
    /** Rejects when the agent does not answer in time, or is not there. */
    ask(hostId: string, message: FiltersMessage, timeoutMs: number): Promise<unknown>;
  };
  /** Filters, or what hosts made of them, changed. */
  readonly onChanged: () => void;
  /** A host answered to a set that holds captures. */
  readonly onCaptures: (hostId: string, set: number, answer: HostAnswer) => Promise<void>;
  readonly answerMs?: number;
};
export type FilterPush = {
  /**
   * Gives every host the set that is meant for it now and sends it to those that are connected and lack it; resolves
   * when each that was asked has answered or been silent too long. Never rejects.
   */
  toAll(): Promise<void>;
  /** A host said hello and holds this set. Never rejects. */
  greeted(hostId: string, held: number): Promise<void>;
  changed(): void;
  /** Idempotent. */
  stop(): void;
};

/** Keeps every connected host on the filter set that is meant for it, and what each made of it in the database (SPEC 8). */
export function createFilterPush(options: FilterPushOptions): FilterPush {
  const { db, clock, log, agents } = options;
  const answerMs = options.answerMs ?? ANSWER_MS;
  /** The latest ask of each host: an answer to an earlier one changes nothing any more. */
  const asks = new Map<string, { readonly number: number; answered: Promise<void> }>();
  /** Hosts that said hello since the last turn began, and what they hold: a fleet that comes back is one turn. */
  let arrived = new Map<string, number>();
  let turns: Promise<void> = Promise.resolve();
  let greeting: Promise<void> | null = null;
  let telling: (() => void) | null = null;

  const changed = (): void => {
    telling ??= clock.after(TELL_MS, () => {
      telling = null;
      options.onChanged();
    });
  };

  /** One at a time, the sets read anew in each: no host is sent a lower number after a higher one. */
  function turn(of: "all" | "arrived"): Promise<void> {
    turns = turns
      .then(() => send(of))
      .catch((error: unknown) => {
        log.warn({ event: "filters-push", error: String(error) }, "filters were not pushed; it is tried again");
      });
    return turns;
  }

  /** To all hosts, or to those that have just come alone: a fleet that comes back is read once, not once for each turn. */
  async function send(of: "all" | "arrived"): Promise<void> {
    const greeted = arrived;
    arrived = new Map();
    greeting = null;
    if (of === "arrived" && greeted.size === 0) return;
    try {
      await sendTo(of, greeted);
    } catch (error) {
      arrived = new Map([...greeted, ...arrived]); // what they said they hold counts in the next turn
      throw error;
    }
  }

  async function sendTo(of: "all" | "arrived", greeted: ReadonlyMap<string, number>): Promise<void> {
    const hostIds = [...greeted.keys()];
    await reassignSets({ db }, { at: clock.now(), actor: "hub" }, of === "all" ? null : hostIds);
    const asked = of === "all" ? agents.connected() : hostIds.filter((hostId) => agents.isConnected(hostId));
    const due = (await standings({ db }, asked)).filter((one) => isDue(one, greeted.get(one.hostId)));
    if (due.length === 0) return;
    const messages = await filterMessages({ db, now: clock.now() }, due, (hostId) => agents.clockOf(hostId));
    await recordAsked({ db }, due, new Date(clock.now()));
    changed();
    for (const [hostId, message] of messages) {
      const one = { number: message.number, answered: Promise.resolve() };
      asks.set(hostId, one);
      one.answered = ask(hostId, message, () => asks.get(hostId) === one);
    }
  }

  /** One that has just come is asked unless it holds the set and has said so (SPEC 8.6), another unless it answered; a refusal is an answer. */
  function isDue({ hostId, number, state }: Standing, held: number | undefined): boolean {
    if (held !== undefined) return held !== number || state !== "applied";
    return asks.get(hostId)?.number !== number && state !== "applied" && state !== "refused";
  }

  async function ask(hostId: string, message: FiltersMessage, isLatest: () => boolean): Promise<void> {
    const answer = await agents.ask(hostId, message, answerMs).then(
      (reply) => judge(reply, message.number),
      (): HostAnswer => ({ state: "no-answer", reason: `no answer within ${answerMs / 1000} s` }),
    );
    if (!isLatest()) return;
    asks.delete(hostId);
    try {
      await recordAnswer({ db }, hostId, message.number, answer, new Date(clock.now()));
      if (message.filters.some((filter) => filter.capture)) await options.onCaptures(hostId, message.number, answer);
    } catch (error) {
      log.warn({ event: "filters-answer", hostId, error: String(error) }, "a host's answer was not stored; it is asked again");
    }
    log.info({ event: "filters-answered", hostId, set: message.number, state: answer.state }, "a host answered to its filters");
    changed();
  }

  const answered = async (): Promise<void> => {
    await Promise.all(agents.connected().flatMap((hostId) => asks.get(hostId)?.answered ?? []));
  };
  const stop = clock.every(RECONCILE_MS, () => void turn("all"));

  return {
    toAll: () => turn("all").then(answered),
    greeted(hostId, held) {
      arrived.set(hostId, held);
      return (greeting ??= turn("arrived"));
    },
    changed,
    stop: () => {
      stop();
      telling?.();
    },
  };
}

/** What an agent's reply says of the set with this number. */
function judge(reply: unknown, number: number): HostAnswer {
  const parsed = filtersAckSchema.safeParse(reply);
  if (!parsed.success || !isStorable(parsed.data))
    return { state: "refused", code: "BAD_REQUEST", reason: "the agent's answer is not understood", log: null };
  if (!parsed.data.ok) return { state: "refused", code: parsed.data.code, reason: parsed.data.detail, log: parsed.data.log ?? null };
  const { report } = parsed.data;
  if (report.number === number) return { state: "applied", report };
  return { state: "refused", code: "BAD_REQUEST", reason: `the agent reports filter set ${report.number} instead`, log: null };
}
