import { setImmediate } from "node:timers/promises";
import { Registry, type Metric } from "prom-client";

export type Labels = Readonly<Record<string, string>>;
/** `suffix` is for a histogram's own: _bucket, _sum and _count. */
export type Sample = { readonly value: number; readonly labels?: Labels; readonly suffix?: string };
/** One metric with all its series, as they are now. */
export type Family = {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: readonly Sample[];
};

/** Writes families out one after the other as they come, and lets everything else of the hub run between them. */
export async function exposition(families: Iterable<Family>): Promise<string> {
  const registry = new Registry();
  let text = "";
  for (const family of families) {
    if (family.samples.length === 0) continue;
    registry.registerMetric(asMetric(family)); // which refuses a name twice
    text += `${await registry.getSingleMetricAsString(family.name)}\n`;
    await setImmediate();
  }
  return text;
}

/** The library's own metrics keep every series for ever; it writes out whatever answers `get`, which its types do not say. */
function asMetric({ name, help, type, samples }: Family): Metric {
  const values = samples.map(({ value, labels = {}, suffix = "" }) => ({ value, labels, metricName: name + suffix }));
  const metric = { name, get: async () => ({ name, help, type, values, aggregator: "sum" }) };
  return metric as unknown as Metric;
}
