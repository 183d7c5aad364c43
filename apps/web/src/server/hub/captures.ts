import type { CaptureProgress } from "@sonde/protocol";
import type pg from "pg";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import type { Ctx } from "../context.ts";
import { endCapture, takeBack } from "../services/captures/end.ts";
import { noteAnswer, noteProgress, settleDrained } from "../services/captures/progress.ts";
import type { HostAnswer } from "../services/filters/record.ts";
import { isLow, readDisk, type ReadDisk } from "../store/disk.ts";
import { createChangeFeed } from "./change-feed.ts";

const LOOK_MS = 500;
/** Browsers hear of a capture at most twice a second. */
const TELL_MS = 500;
const DISK_EVERY_MS = 10_000;
/** After its time a capture's filter stays in the sets for so long, so that agents end it themselves and say so. */
const GRACE_MS = 2_000;

export type CapturesOptions = {
  readonly db: Ctx["db"];
  readonly series: pg.Pool;
  readonly clock: Clock;
  readonly log: Logger;
  readonly connected: () => readonly string[];
  /** Gives hosts the sets that are meant for them now. */
  readonly push: () => Promise<void>;
  readonly tell: (id: string) => void;
  /** Free disk; injected by tests. */
  readonly readDisk?: ReadDisk;
};
export type Captures = {
  changed(ids: readonly string[]): void;
  /** A host answered to a set that holds captures. */
  answered(hostId: string, set: number, answer: HostAnswer): Promise<void>;
  /** What an agent's status says of captures; said again, it costs nothing. */
  progress(hostId: string, captures: readonly CaptureProgress[]): Promise<void>;
  gone(hostId: string): void;
  /** Takes back the filters of all that have ended. Never rejects. */
  endAll(): Promise<void>;
  /** Idempotent. */
  stop(): void;
};

type Work = { id: string; ends: Date; endedAt: Date | null; endReason: string | null; active: boolean };

/** The life of captures: ends them at their time or when the disk fills, and follows what their hosts make of them (SPEC 10). */
export function createCaptures(options: CapturesOptions): Captures {
  const { db, clock, log, connected } = options;
  const feed = createChangeFeed(clock, (ids) => ids.forEach((id) => options.tell(id)), TELL_MS);
  /** By host and capture what its agent said last. */
  const said = new Map<string, Map<string, string>>();
  let diskAt = 0;

  const guarded = async (event: string, work: () => Promise<void>): Promise<void> => {
    await work().catch((error: unknown) => log.warn({ event, error: String(error) }, "a capture was not seen to; it is tried again"));
  };

  async function look(graceMs: number): Promise<void> {
    const now = clock.now();
    const work = await db.$queryRaw<Work[]>`
      SELECT c.id, c.created_at + c.max_seconds * interval '1 second' AS ends, c.ended_at AS "endedAt", c.end_reason AS "endReason",
             f.removed_at IS NULL AS active
        FROM capture c JOIN filter f ON f.id = c.filter_id
       WHERE c.ended_at IS NULL OR f.removed_at IS NULL OR EXISTS (SELECT FROM capture_host h WHERE h.capture_id = c.id AND h.state = 'draining')`;
    if (work.length === 0) return;
    const low = work.some((one) => one.endedAt === null) && (await diskIsLow(now));
    for (const { id, ends, endedAt } of work) {
      const reason = endedAt !== null ? null : low ? "disk" : ends.getTime() <= now ? "time" : null;
      if (reason !== null && (await endCapture({ db }, id, reason, new Date(now)))) {
        log.info({ event: "capture-ended", capture: id, reason }, "a capture ended");
        feed.changed([id]);
      }
    }
    let back = 0;
    for (const { id, endedAt, endReason, active } of work) {
      if (!active || endedAt === null || (endReason === "time" && now - endedAt.getTime() < graceMs)) continue;
      if (!(await takeBack({ db }, id, connected(), new Date(now)))) continue;
      back++;
      feed.changed([id]);
    }
    if (back > 0) void options.push();
    const settled = await settleDrained({ db }, connected(), now);
    if (settled.length > 0) feed.changed(settled);
  }

  async function diskIsLow(now: number): Promise<boolean> {
    if (now - diskAt < DISK_EVERY_MS) return false;
    diskAt = now;
    return isLow(await (options.readDisk ?? readDisk)(options.series));
  }

  let looking: Promise<void> = Promise.resolve();
  let waiting = false;
  const lookAgain = (graceMs: number): Promise<void> => (looking = looking.then(() => guarded("captures", () => look(graceMs))));
  const stopTimer = clock.every(LOOK_MS, () => {
    if (waiting) return;
    waiting = true;
    void lookAgain(GRACE_MS).finally(() => (waiting = false));
  });

  return {
    changed: (ids) => {
      if (ids.length > 0) feed.changed(ids);
    },
    answered: (hostId, set, answer) =>
      guarded("capture-answer", async () => {
        const ids = await noteAnswer({ db }, hostId, set, answer, new Date(clock.now()));
        if (ids.length === 0) return;
        feed.changed(ids);
        // What it refused it is not asked for again: its other filters go on without.
        if (answer.state === "refused") void options.push();
      }),
    progress: (hostId, captures) =>
      guarded("capture-progress", async () => {
        const before = said.get(hostId);
        const now = new Map<string, string>();
        for (const one of captures) {
          const words = `${one.ended}/${one.snaplen}/${one.ended === null ? "" : one.packets}`;
          now.set(one.id, words);
          if (before?.get(one.id) === words) continue;
          if (await noteProgress({ db }, hostId, one, new Date(clock.now()))) feed.changed([one.id]);
        }
        said.set(hostId, now);
      }),
    gone: (hostId) => void said.delete(hostId),
    endAll: () => lookAgain(0),
    stop: () => {
      stopTimer();
      feed.stop();
    },
  };
}
