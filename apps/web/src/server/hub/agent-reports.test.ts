import { expect, test } from "vitest";
import { createAgentReports } from "./agent-reports.ts";

const clock = { now: () => 1_700_000_000_000, every: () => () => {}, after: () => () => {} };
const at = "2023-11-14T22:13:20.000Z";

test("the last status and the last engine report of a host are kept, until it goes", () => {
  const reports = createAgentReports(clock);
  const status = { type: "status", sampleN: 2, snaplen: 128, rssBytes: 9e7, cpuSeconds: 1.5, queueBytes: 0, queueLost: "0" } as const;
  const map = { name: "flows", type: "hash", maxEntries: 65_536, entries: 12, memoryBytes: 5_242_880 };
  reports.keep("a", status);
  reports.keep("a", { type: "engine", programs: [], maps: [map] });
  reports.keep("a", { ...status, sampleN: 5 });
  const { type: _, ...said } = status;
  expect(reports.of("a")).toEqual({ status: { ...said, sampleN: 5, at }, engine: { programs: [], maps: [map], at } });
  expect(reports.of("b")).toEqual({ status: null, engine: null });
  reports.gone("a");
  expect(reports.of("a")).toEqual({ status: null, engine: null });
});
