import { expect, test } from "vitest";
import { fleetLanguage } from "../../domain/fleetFilter.ts";
import { valueGroups, type ValueActs } from "./valueGroups.ts";
import type { ValueTarget } from "./valueMenu.tsx";

const target: ValueTarget = { heading: "Address", text: "10.0.0.1", term: null, capture: null };
const calls: string[] = [];
const acts: ValueActs = {
  filter: "web",
  onFilter: (filter) => calls.push(filter),
  language: fleetLanguage,
  onCopy: (text, what) => calls.push(`${what}: ${text}`),
  go: ({ href }) => calls.push(href),
};

/** What the menu offers, and what came of choosing each in turn. */
function offered(value: Partial<ValueTarget>, more: Partial<ValueActs> = {}): readonly string[] {
  calls.length = 0;
  return valueGroups({ ...target, ...value }, { ...acts, ...more }).flatMap(({ label, items }) =>
    items.map((item) => {
      item.onSelect();
      return [label, item.label, item.hint ?? "", calls.at(-1)].join(" | ");
    }),
  );
}

test("a value that no filter knows is only copied", () => {
  expect(offered({})).toEqual(["Copy | Value |  | The value: 10.0.0.1"]);
});

test("the filter of the place takes it in its own words", () => {
  expect(offered({ term: "env=prod" }).slice(0, 3)).toEqual([
    "Filter of the fleet | Include | env=prod | web env=prod",
    "Filter of the fleet | Exclude |  | web !env=prod",
    "Filter of the fleet | Only this |  | env=prod",
  ]);
  expect(offered({ term: "env=prod" }, { filter: "", filterLabel: "Elsewhere" })).toEqual([
    "Elsewhere | Include | env=prod | env=prod",
    "Elsewhere | Exclude |  | !env=prod",
    "Copy | Value |  | The value: 10.0.0.1",
    "Copy | Filter of the fleet |  | The filter of the fleet: env=prod",
  ]);
});

test("what is captured and pushed goes to the hosts of the value, else of the place; filters know labels alone", () => {
  const onHosts = (value: Partial<ValueTarget>, hosts = "") => offered(value, { hosts }).filter((line) => line.startsWith("On the hosts"));
  expect(onHosts({ capture: "host 10.0.0.1" })).toEqual([
    "On the hosts | Capture this | host 10.0.0.1 | /captures?new=host%2010.0.0.1",
    "On the hosts | Push as filter |  | /filters?new=host%2010.0.0.1",
  ]);
  expect(onHosts({ capture: "arp" }, "web-1")).toEqual([
    "On the hosts | Capture this | arp | /captures?new=arp&hosts=web-1",
    "On the hosts | Push as filter |  | /filters?new=arp",
  ]);
  expect(onHosts({ capture: "", hosts: "env=prod" }, "web-1")).toEqual([
    "On the hosts | Capture this | env=prod | /captures?new=&hosts=env%3Dprod",
    "On the hosts | Push as filter |  | /filters?new=&hosts=env%3Dprod",
  ]);
  expect(onHosts({ capture: "", hosts: "web-1" })).toEqual(["On the hosts | Capture this | web-1 | /captures?new=&hosts=web-1"]);
});
