import { expect, test } from "vitest";
import { hostCount } from "../../domain/text.ts";
import type { FilterHost, FilterState } from "../../api/filters.ts";
import { connectedCount, countsByState } from "./hostStates.ts";

const host = (state: FilterState): FilterHost => ({
  hostId: "6f1c1e54-6d2b-4f43-9a53-3d2f0d5f8a11",
  name: "web-1",
  state,
  code: null,
  reason: null,
  log: null,
  nsPerPacket: null,
  instructions: null,
  held: 0,
  at: null,
});

test("hosts are told by state, trouble before what is only not yet", () => {
  const hosts = (["offline", "applied", "pending", "no-answer", "refused", "applied"] as const).map(host);
  const told = countsByState(hosts).map(({ count, label }) => `${count} ${label}`);
  expect(told).toEqual(["2 applied", "1 refused", "1 no answer", "1 pending", "1 offline"]);
  expect(countsByState([])).toEqual([]);
  expect(connectedCount(hosts)).toBe(5);
  expect([hostCount(0), hostCount(1), hostCount(2)]).toEqual(["0 hosts", "1 host", "2 hosts"]);
});
