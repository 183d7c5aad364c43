import { expect, test } from "vitest";
import type { Host } from "../../api/types.ts";
import { fleetLanguage, fleetMatcher } from "../../domain/fleetFilter.ts";
import { parseWith, parseQuery } from "../../domain/query/index.ts";
import { packetFields } from "../../domain/packets/fields.ts";
import { hostTerm } from "../app/hostTargets.ts";
import { fleetTarget } from "./fleetTarget.ts";

const host: Host = {
  id: "6f1c1e54-6d2b-4f43-9a53-3d2f0d5f8a11",
  name: "web-1",
  status: "live",
  refusal: null,
  kernel: "6.1.0-18-amd64",
  os: null,
  agentVersion: "0.1.0",
  enrolledAt: "2026-01-01T00:00:00.000Z",
  lastSeen: null,
  clockOffsetNs: null,
  interfaceCount: 1,
  labels: [
    { key: "env", value: "prod", source: "hand" },
    { key: "rack", value: "r4", source: "agent" },
  ],
};
const other: Host = { ...host, name: "web-10", kernel: "6.8.0", agentVersion: "0.2.0", labels: [] };
const row = { status: "lost", packetsPerSecond: 1234.5, bitsPerSecond: 1, packets: [], bits: [] } as const;

test("what a cell of the fleet says keeps its host and shuts it out", () => {
  for (const [column, part] of [
    [null, null],
    ["name", null],
    ["labels", "rack=r4"],
    ["kernel", null],
    ["agent", null],
  ] as const) {
    const { term } = fleetTarget(host, undefined, column, part);
    const kept = (filter: string): string[] => [host, other].filter(fleetMatcher(filter)).map(({ name }) => name);
    expect([column, kept(fleetLanguage.including("", term ?? "none"))]).toEqual([column, ["web-1"]]);
    expect([column, kept(fleetLanguage.excluding("", term ?? "none"))]).toEqual([column, ["web-10"]]);
  }
});

test("a status is that of now, a rate is known of a live host alone, and numbers are only copied", () => {
  expect(fleetTarget(host, row, "status", null)).toMatchObject({ heading: "Status Lost", term: "status:lost" });
  expect(fleetTarget(host, row, "packets", null)).toMatchObject({ text: "–", term: null, capture: null });
  expect(fleetTarget(host, { ...row, status: "live" }, "packets", null)).toMatchObject({ text: "1234.5", term: null });
  expect(fleetTarget({ ...host, kernel: null }, row, "kernel", null)).toMatchObject({ text: "–", term: null });
  expect(fleetTarget(host, row, "labels", null)).toMatchObject({ text: "env=prod rack=r4", term: null, capture: null });
});

test("what links and conditions say of a host and a label is understood where they lead", () => {
  const terms = [hostTerm({ name: 'we"b\\1' }), 'host.label.env == "prod"', `host.id == "${host.id}"`];
  for (const term of terms) expect([term, parseQuery(term).ok]).toEqual([term, true]);
  for (const term of terms.slice(0, 2)) expect([term, parseWith(term, packetFields).ok]).toEqual([term, true]);
  const hrefs = fleetTarget(host, row, "labels", "env=prod").links?.map(({ href }) => href);
  expect(hrefs).toEqual(["/flows?filter=host.label.env+%3D%3D+%22prod%22", "/packets?live=env%3Dprod"]);
});
