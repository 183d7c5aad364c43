import { UsageError } from "../errors.ts";

const UNITS: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9 };

/** Bytes of a size like 500, 64k, 100M or 2G; units are SI, as tcpdump -C has them. Throws UsageError. */
export function parseSize(text: string): number {
  const [, digits, unit = ""] = /^(\d{1,12})([kmg]?)$/i.exec(text) ?? [];
  if (digits === undefined) throw new UsageError(`a size is like 500, 64k, 100M or 2G; not ${JSON.stringify(text.slice(0, 100))}`);
  return Number(digits) * (UNITS[unit.toLowerCase()] ?? 1);
}

const PREFIXES = ["", "k", "M", "G", "T"];

/** Three digits at least, with an SI prefix: 999 B, 1.23 MB. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let prefix = 0;
  for (; value >= 1000 && prefix < PREFIXES.length - 1; prefix++) value /= 1000;
  return prefix === 0 ? `${value} B` : `${Number(value.toPrecision(3))} ${PREFIXES[prefix]}B`;
}
