/** A line of Prometheus' text format that holds a value. */
export type Series = {
  readonly metric: string;
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
};
export type Exposition = { readonly types: ReadonlyMap<string, string>; readonly series: readonly Series[] };

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/;
const VALUE = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|NaN|[+-]?Inf)$/;
const endings: Record<string, readonly string[]> = { histogram: ["_bucket", "_sum", "_count"] };

/**
 * Reads a text by the rules of Prometheus' text format 0.0.4 and by what `promtool check metrics` wants of names: HELP
 * and TYPE once and first, all lines of a metric together, no series twice, counters end in _total and nothing else
 * does, whole histograms. Throws with the line that breaks one.
 */
export function readExposition(text: string): Exposition {
  if (!text.endsWith("\n")) throw new Error("the last line does not end");
  const types = new Map<string, string>();
  const helps = new Set<string>();
  const closed = new Set<string>();
  const seen = new Set<string>();
  const series: Series[] = [];
  let current = "";
  const begin = (metric: string, line: string): void => {
    if (metric === current) return;
    if (closed.has(metric)) throw new Error(`lines of ${metric} stand apart: ${line}`);
    if (current) closed.add(current);
    current = metric;
  };
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const [, kind, metric = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind !== undefined) {
      begin(metric, line);
      if (!NAME.test(metric)) throw new Error(`no name of a metric: ${line}`);
      if (kind === "HELP" && (helps.has(metric) || rest === "")) throw new Error(`HELP twice or empty: ${line}`);
      if (kind === "HELP") helps.add(metric);
      else if (types.has(metric) || !/^(counter|gauge|histogram)$/.test(rest)) throw new Error(`TYPE twice or unknown: ${line}`);
      else types.set(metric, rest);
      if (kind === "TYPE" && (rest === "counter") !== metric.endsWith("_total"))
        throw new Error(`counters, and they alone, end in _total: ${line}`);
      continue;
    }
    if (line.startsWith("#")) continue;
    const one = readSeries(line, types);
    begin(one.metric, line);
    if (!helps.has(one.metric)) throw new Error(`no HELP before: ${line}`);
    const key = line.slice(0, line.lastIndexOf(" "));
    if (seen.has(key)) throw new Error(`twice: ${line}`);
    seen.add(key);
    series.push(one);
  }
  for (const [metric, type] of types) if (type === "histogram") checkHistogram(metric, series);
  return { types, series };
}

function readSeries(line: string, types: ReadonlyMap<string, string>): Series {
  const [, name = "", braces, value = ""] = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (!NAME.test(name) || !VALUE.test(value)) throw new Error(`not a series: ${line}`);
  const labels = new Map<string, string>();
  let rest = braces ?? "";
  while (rest !== "") {
    const match = LABEL.exec(rest);
    if (!match || labels.has(match[1]!)) throw new Error(`labels: ${line}`);
    labels.set(
      match[1]!,
      match[2]!.replace(/\\(.)/g, (_, c: string) => (c === "n" ? "\n" : c)),
    );
    rest = rest.slice(match[0].length);
  }
  const metric = [...types.keys()].find(
    (each) => each === name || endings[types.get(each)!]?.some((ending) => each + ending === name) === true,
  );
  if (metric === undefined) throw new Error(`no TYPE before: ${line}`);
  return { metric, name, labels, value: Number(value.replace("Inf", "Infinity")) };
}

function checkHistogram(metric: string, series: readonly Series[]): void {
  const buckets = series.filter((one) => one.name === `${metric}_bucket`);
  const bounds = buckets.map((one) => Number((one.labels.get("le") ?? "").replace("Inf", "Infinity")));
  const rising = (values: readonly number[]): boolean => values.every((value, i) => i === 0 || value >= values[i - 1]!);
  const count = series.find((one) => one.name === `${metric}_count`)?.value;
  if (!rising(bounds) || !rising(buckets.map((one) => one.value))) throw new Error(`${metric}: buckets do not rise`);
  if (bounds.at(-1) !== Infinity || buckets.at(-1)?.value !== count) throw new Error(`${metric}: the last bucket is not all`);
  if (!series.some((one) => one.name === `${metric}_sum`)) throw new Error(`${metric}: no sum`);
}
