import { mulberry32 } from "../random.mjs";

/**
 * One run of a program on a host, or a host going away for a while.
 *
 * @typedef {{ readonly atMs: number, readonly host: import("./hosts.mjs").HostName } & (
 *   | { readonly type: "run", readonly kind: string, readonly command: readonly string[], readonly raw: boolean }
 *   | { readonly type: "away", readonly forMs: number }
 * )} Act
 */

/** Which host comes and goes, after how long for the first time, how often and for how long, ms. */
export const absence = /** @type {const} */ ({ host: "web-2", firstMs: 90_000, everyMs: 180_000, forMs: 40_000 });

/**
 * What happens when, without end: the same for the same habits and seed. Each habit has numbers of its own, so that
 * one that this machine leaves out does not move the others.
 *
 * @param {readonly import("./habits.mjs").Habit[]} habits
 * @param {number} seed 32 bits
 * @returns {Generator<Act, never, void>}
 */
export function* schedule(habits, seed) {
  const dues = habits.map((habit) => {
    const next = mulberry32((seed ^ hash(`${habit.kind} ${habit.host}`)) >>> 0);
    const part = () => next() / 2 ** 32;
    const [shortest, longest] = habit.every;
    return { habit, part, pause: () => shortest + part() * (longest - shortest), atMs: part() * Math.min(longest, 15_000) };
  });
  for (let awayMs = absence.firstMs; ;) {
    const due = dues.reduce((first, other) => (other.atMs < first.atMs ? other : first));
    if (awayMs <= due.atMs) {
      yield { type: "away", atMs: awayMs, host: absence.host, forMs: absence.forMs };
      awayMs += absence.everyMs;
      continue;
    }
    const { kind, host, commands, raw = false } = due.habit;
    const command = commands[Math.floor(due.part() * commands.length)] ?? [];
    yield { type: "run", atMs: Math.round(due.atMs), host, kind, command, raw };
    due.atMs += due.pause();
  }
}

/** FNV-1a, 32 bits. @param {string} text */
const hash = (text) => [...text].reduce((sum, char) => Math.imul(sum ^ (char.codePointAt(0) ?? 0), 0x01000193), 0x811c9dc5);
