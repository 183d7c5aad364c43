/** Numbers as docs/design.md writes them: SI prefixes, three significant digits, `–` for unknown. */

export const UNKNOWN = "–";
const THIN = "\u2009";
const prefixes = ["", "k", "M", "G", "T", "P", "E"] as const;

/** Three significant digits with an SI prefix (`1.23 k`); null, NaN and infinities are unknown. */
export function si(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return UNKNOWN;
  const sign = value < 0 ? "−" : "";
  let rest = Math.abs(value);
  let step = 0;
  // 999.5 would round to "1000": it belongs to the next prefix.
  while (rest >= 999.5 && step < prefixes.length - 1) {
    rest /= 1000;
    step++;
  }
  return `${sign}${digits(rest, step)}${step === 0 ? "" : `${THIN}${prefixes[step]}`}`;
}

function digits(value: number, step: number): string {
  if (value === 0 || (step === 0 && Number.isInteger(value))) return String(value);
  if (value < 0.005) return "0.00";
  const places = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return value.toFixed(places);
}

/** Every digit of a count, in groups of three: `1 234 567`. Takes the u64 decimal text of the wire. */
export function exact(value: string | bigint | number | null): string {
  if (value === null) return UNKNOWN;
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, THIN);
}

/**
 * Half-width of the 95 % interval of a count scaled up from 1-in-N samples:
 * 1.96 · sqrt(k · N · (N − 1)) for k samples (binomial thinning).
 */
export function samplingError(samples: number, n: number): number {
  return n <= 1 ? 0 : 1.96 * Math.sqrt(samples * n * (n - 1));
}

/** A value with its error: `12.3 k ± 0.4 k`; the error is left out when it is 0. */
export function plusMinus(value: number | null, error: number): string {
  return value === null || error === 0 ? si(value) : `${si(value)} ± ${si(error)}`;
}

/** A share in percent, three significant digits: `12.3 %`; unknown when the whole is 0. */
export function percent(part: bigint, whole: bigint): string {
  if (whole === 0n) return UNKNOWN;
  const value = (Number(part) / Number(whole)) * 100;
  if (part > 0n && value < 0.001) return `<0.001${THIN}%`;
  return `${value === 100 ? "100" : value === 0 ? "0" : value.toPrecision(3)}${THIN}%`;
}

const spans = [
  [86_400, "d"],
  [3600, "h"],
  [60, "min"],
  [1, "s"],
] as const;

/** A length of time in its largest whole unit: `12 s`, `5 min`, `3 h`, `2 d`. Takes milliseconds. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [size, name] = spans.find(([one]) => seconds >= one) ?? [1, "s"];
  return `${Math.floor(seconds / size)}${THIN}${name}`;
}

/** Nanoseconds with sign and a fitting unit: `+1.20 ms`. Takes the decimal text of the wire. */
export function signedNs(text: string | null): string {
  if (text === null) return UNKNOWN;
  const ns = Number(text);
  if (!Number.isFinite(ns)) return UNKNOWN;
  const sign = ns < 0 ? "−" : "+";
  const size = Math.abs(ns);
  const [scale, name] = size >= 1e9 ? [1e9, "s"] : size >= 1e6 ? [1e6, "ms"] : size >= 1e3 ? [1e3, "µs"] : [1, "ns"];
  return `${sign}${digits(size / scale, 0)}${THIN}${name}`;
}
