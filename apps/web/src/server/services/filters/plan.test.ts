import fc from "fast-check";
import { expect, test } from "vitest";
import { planSets, type ActiveFilter, type AssignedHost } from "./plan.ts";
import { EVERYTHING } from "./sets.ts";

const filter = (id: string, selector: ActiveFilter["selector"] = null): ActiveFilter => ({ id, selector, captured: null });
const capture = (id: string, ...hosts: string[]): ActiveFilter => ({ id, selector: null, captured: new Set(hosts) });
const host = (id: string, labels: Record<string, string> = {}, set = 0): AssignedHost => ({ id, set, labels });

test("of every key of a selector a host's label has one of the values; hosts that want the same are one change", () => {
  const hosts = [host("a", { env: "prod", role: "web" }), host("b", { env: "prod" }), host("c", { env: "test", role: "web" }), host("d")];
  const active = [filter("all"), filter("web", { env: ["prod", "test"], role: ["web"] })];
  expect(planSets(hosts, active, new Map())).toEqual([
    { number: null, filterIds: ["all", "web"], hostIds: ["a", "c"] },
    { number: null, filterIds: ["all"], hostIds: ["b", "d"] },
  ]);
});

test("a capture comes behind a host's filters, and behind everything where it has none (SPEC 10.1)", () => {
  const active = [capture("capture", "a", "b"), filter("web", { role: ["web"] })];
  expect(planSets([host("a"), host("b", { role: "web" }), host("c")], active, new Map())).toEqual([
    { number: null, filterIds: [EVERYTHING.id, "capture"], hostIds: ["a"] },
    { number: null, filterIds: ["web", "capture"], hostIds: ["b"] },
  ]);
});

test("whatever changes, every host holds what is meant for it, and its numbers grow", () => {
  const values = ["x", "y", "z"];
  const labels = fc.record({ k: fc.constantFrom(...values) });
  const active = fc.uniqueArray(fc.record({ id: fc.constantFrom("1", "2", "3"), on: fc.option(fc.subarray(values, { minLength: 1 })) }), {
    selector: (one) => one.id,
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.array(labels, { minLength: 3, maxLength: 3 }), active), { minLength: 1, maxLength: 8 }), (rounds) => {
      const sets = new Map<number, readonly string[]>();
      const held = [0, 0, 0];
      for (const [given, filters] of rounds) {
        const hosts = given.map((one, i) => host(`${i}`, one, held[i]));
        const now = filters.map(({ id, on }) => filter(id, on === null ? null : { k: on }));
        const inUse = new Map([...sets].filter(([number]) => held.includes(number)));
        for (const change of planSets(hosts, now, inUse)) {
          const number = change.number ?? sets.size + 1;
          sets.set(number, change.filterIds);
          for (const id of change.hostIds) {
            expect(number).toBeGreaterThan(held[Number(id)]!);
            held[Number(id)] = number;
          }
        }
        given.forEach(({ k }, i) => {
          const meant = filters.filter(({ on }) => on === null || on.includes(k)).map(({ id }) => id);
          expect(sets.get(held[i]!) ?? []).toEqual(meant);
        });
      }
    }),
  );
});
