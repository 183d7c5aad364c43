/** One line of a benchmark: our value beside a peer's or a bare limit's of the same run. */
export type Figure = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly peer: string;
  readonly peerValue: number;
  /** Largest or smallest ratio (ours over the peer's), or largest value, that is good enough; none: the figure is only shown. */
  readonly bar?: { readonly atMost?: number; readonly atLeast?: number; readonly valueAtMost?: number };
};

export type Report = (figure: Figure) => void;

/** Prints figures as they come, as text or one JSON object a line; exit code 1 once a bar is missed. */
export function reporter(argv: readonly string[]): Report {
  const asJson = argv.includes("--json");
  return ({ name, value, unit, peer, peerValue, bar }) => {
    const ratio = value / peerValue;
    const { atMost = Infinity, atLeast = -Infinity, valueAtMost = Infinity } = bar ?? {};
    const ok = ratio <= atMost && ratio >= atLeast && value <= valueAtMost;
    if (!ok) process.exitCode = 1;
    if (asJson) console.log(JSON.stringify({ name, value, unit, peer, peerValue, ratio, bar: bar ?? null, ok }));
    else
      console.log(`${name}: ${show(value)} ${unit}  (${peer}: ${show(peerValue)} ${unit}, ratio ${ratio.toFixed(2)}${barText(bar, ok)})`);
  };
}

function barText(bar: Figure["bar"], ok: boolean): string {
  if (!bar) return "";
  const limits = [
    bar.atMost === undefined ? [] : `at most ${bar.atMost}`,
    bar.atLeast === undefined ? [] : `at least ${bar.atLeast}`,
    bar.valueAtMost === undefined ? [] : `value at most ${bar.valueAtMost}`,
  ];
  return `, ${limits.flat().join(", ")}: ${ok ? "met" : "MISSED"}`;
}

const show = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3));

/** The q-quantile (0–1) of values, nearest rank. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? Number.NaN;
}
