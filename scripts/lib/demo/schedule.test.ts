import { expect, test } from "vitest";
import { habitsOf } from "./habits.mjs";
import { absence, schedule } from "./schedule.mjs";

const everything = { ipv6: true, vxlan: true, vlan: true, loss: true };
const habits = habitsOf({ net: "10.83.0", has: everything, folder: "/folder" });

/** What happens in the first minutes. */
function firstMinutes(minutes: number, seed: number, of = habits) {
  const acts = [];
  for (const act of schedule(of, seed)) {
    if (act.atMs > minutes * 60_000) return acts;
    acts.push(act);
  }
  return acts;
}

test("a seed fixes everything, another one changes it", () => {
  expect(firstMinutes(3, 7)).toEqual(firstMinutes(3, 7));
  expect(firstMinutes(3, 7)).not.toEqual(firstMinutes(3, 8));
});

test("it comes in order, every kind within a minute and a quarter, and few enough for a small machine", () => {
  const acts = firstMinutes(10, 1);
  const times = acts.map((act) => act.atMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  const soon = acts.filter((act) => act.atMs <= 75_000).map((act) => (act.type === "run" ? act.kind : act.type));
  expect(new Set(soon)).toEqual(new Set(habits.map((habit) => habit.kind)));
  expect(acts.length / 600).toBeLessThan(5);
});

test("a host is away for part of every three minutes", () => {
  const away = firstMinutes(10, 1).filter((act) => act.type === "away");
  expect(away.map((act) => [act.host, act.atMs])).toEqual([90, 270, 450].map((s) => [absence.host, s * 1000]));
  expect(absence.forMs).toBeLessThan(absence.everyMs);
});

test("what a machine cannot do is left out, and the rest stays as it was", () => {
  const fewer = habitsOf({ net: "10.83.0", has: { ...everything, vxlan: false }, folder: "/folder" });
  const without = firstMinutes(3, 7).filter((act) => act.type === "away" || act.kind !== "vxlan");
  expect(firstMinutes(3, 7, fewer)).toEqual(without);
});
