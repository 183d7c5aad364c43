import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import { createHubCounters } from "../hub/counters.ts";
import { fleetFamilies } from "./fleet-families.ts";
import { hubFamilies } from "./hub-families.ts";

const dashboardSchema = z.object({
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string(), definition: z.string().optional() })) }),
  panels: z.array(
    z.object({
      id: z.number(),
      type: z.string(),
      title: z.string(),
      datasource: z.object({ uid: z.string() }).optional(),
      targets: z.array(z.object({ expr: z.string(), datasource: z.object({ uid: z.string() }) })).optional(),
    }),
  ),
});
const text = readFileSync(new URL("../../../../../deploy/grafana/sonde.json", import.meta.url), "utf8");
const dashboard = dashboardSchema.parse(JSON.parse(text));
const expressions = dashboard.panels.flatMap((panel) => panel.targets ?? []).map((target) => target.expr);

const delay = { mean: 0, p99: 0, max: 0 };
const process = { version: "0", startedAtMs: 0, cpuSeconds: 0, residentBytes: 0, delay };
const statuses = { live: 0, stale: 0, lost: 0, refused: 0, never: 0 };
const families = [...hubFamilies(createHubCounters(), process), ...fleetFamilies({ hosts: [], left: 0, statuses })];
const exposed = new Set(
  families.flatMap(({ name, type }) => (type === "histogram" ? ["_bucket", "_sum", "_count"].map((ending) => name + ending) : [name])),
);

test("every metric that the dashboard names is exposed, and it leaves out none but these", () => {
  const named = new Set([text, ...expressions].flatMap((one) => one.match(/\bsonde_[a-z0-9_]+/g) ?? []));
  expect([...named].filter((name) => !exposed.has(name))).toEqual([]);
  expect([...exposed].filter((name) => !named.has(name)).toSorted()).toEqual(
    [
      "sonde_hub_batches_total",
      "sonde_hub_info",
      "sonde_hub_queue_batches",
      "sonde_hub_subscriptions",
      "sonde_host_records_seen_total",
      "sonde_host_flow_frames_total",
      "sonde_metrics_fleet_up",
    ].toSorted(),
  );
});

test("it takes the data source that is chosen, and each panel has a number and a title of its own", () => {
  expect(dashboard.templating.list.find((one) => one.name === "datasource")?.type).toBe("datasource");
  for (const panel of dashboard.panels) {
    if (panel.type === "row") continue;
    expect(panel.datasource?.uid).toBe("${datasource}");
    for (const target of panel.targets ?? []) expect(target.datasource.uid).toBe("${datasource}");
    expect(panel.targets?.length ?? 0).toBeGreaterThan(0);
  }
  expect(new Set(dashboard.panels.map((panel) => panel.id)).size).toBe(dashboard.panels.length);
  expect(new Set(dashboard.panels.map((panel) => panel.title)).size).toBe(dashboard.panels.length);
});

test("counters are only ever looked at as rates", () => {
  const counters = families.filter((one) => one.type === "counter").map((one) => one.name);
  for (const expr of expressions)
    for (const name of counters) {
      const bare = expr.replace(/(?:rate|increase)\([^()]*\)/g, "");
      expect(bare.includes(name)).toBe(false);
    }
});
