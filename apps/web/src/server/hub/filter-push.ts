import { filtersAckSchema, type FiltersMessage } from "@sonde/protocol";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import type { Ctx } from "../context.ts";
import { holds, recordAnswer, recordAsked, unsettled, type HostAnswer } from "../services/filters/record.ts";
import { messageOf, presentSet } from "../services/filters/sets.ts";
import { isStorable } from "../storable.ts";

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
    /** Rejects when the agent does not answer in time, or is not there. */
    ask(hostId: string, message: FiltersMessage, timeoutMs: number): Promise<unknown>;
  };
  /** Filters, or what hosts made of them, changed. */
  readonly onChanged: () => void;
  readonly answerMs?: number;
};
export type FilterPush = {
  /** Sends the present set to all connected hosts; resolves when each has answered or been silent too long. Never rejects. */
  toAll(): Promise<void>;
  /** A host said hello and holds this set. Never rejects. */
  greeted(hostId: string, held: number): Promise<void>;
  changed(): void;
  /** Idempotent. */
  stop(): void;
};

/** Keeps every connected host on the present filter set, and what each made of it in the database (SPEC 8). */
export function createFilterPush(options: FilterPushOptions): FilterPush {
  const { db, clock, log, agents } = options;
  const answerMs = options.answerMs ?? ANSWER_MS;
  /** The latest ask of each host: an answer to an earlier one changes nothing any more. */
  const asks = new Map<string, symbol>();
  let sending: Promise<unknown> = Promise.resolve();
  let telling: (() => void) | null = null;

  const changed = (): void => {
    telling ??= clock.after(TELL_MS, () => {
      telling = null;
      options.onChanged();
    });
  };

  /** One at a time, the set read anew in each: no host is sent a lower number after a higher one. */
  function send(choose: (number: number) => Promise<readonly string[]>): Promise<Promise<void>[]> {
    const turn = sending.then(async () => {
      const set = await presentSet(db);
      const hostIds = set.number === 0 ? [] : await choose(set.number);
      if (hostIds.length === 0) return [];
      await recordAsked({ db }, hostIds, set.number, new Date(clock.now()));
      changed();
      const message = messageOf(set);
      return hostIds.map((hostId) => ask(hostId, message));
    });
    sending = turn.catch(() => {});
    return turn;
  }

  async function ask(hostId: string, message: FiltersMessage): Promise<void> {
    const mine = Symbol(hostId);
    asks.set(hostId, mine);
    const answer = await agents.ask(hostId, message, answerMs).then(
      (reply) => judge(reply, message.number),
      (): HostAnswer => ({ state: "no-answer", reason: `no answer within ${answerMs / 1000} s` }),
    );
    if (asks.get(hostId) !== mine) return;
    asks.delete(hostId);
    await recordAnswer({ db }, hostId, message.number, answer, new Date(clock.now()));
    log.info({ event: "filters-answered", hostId, set: message.number, state: answer.state }, "a host answered to its filters");
    changed();
  }

  async function settle(turn: Promise<Promise<void>[]>): Promise<void> {
    try {
      await Promise.all(await turn);
    } catch (error) {
      log.warn({ event: "filters-push", error: String(error) }, "filters were not pushed; it is tried again");
    }
  }

  const idle = (hostIds: readonly string[]): string[] => hostIds.filter((hostId) => !asks.has(hostId));
  const stop = clock.every(RECONCILE_MS, () => {
    void settle(send((number) => unsettled({ db }, idle(agents.connected()), number)));
  });

  return {
    toAll: () => settle(send(async () => agents.connected())),
    greeted: (hostId, held) => settle(send(async (number) => (held === number && (await holds({ db }, hostId, number)) ? [] : [hostId]))),
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
