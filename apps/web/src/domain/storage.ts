import type { StoredTableName } from "@sonde/protocol/rest";
import { UNKNOWN, si } from "./units.ts";

type Words = { readonly label: string; readonly meaning: string };

const counters = (step: string): string => `Packets and bytes of every interface, one sum a ${step}.`;
const ofFilters = (step: string): string => `What became of the packets each filter took, one sum a ${step}.`;
const ofFlows = (step: string): string => `Flows by host, interface, protocol, direction and verdict, one sum a ${step}.`;

const words: Record<StoredTableName, Words> = {
  flow_records: { label: "Flow records", meaning: "Every flow, with its addresses and ports." },
  packet_records: { label: "Packet records", meaning: "Sampled packets without their bytes, where that is turned on." },
  interface_counters: { label: "Interface counters, 1 s", meaning: counters("second") },
  interface_counters_10s: { label: "Interface counters, 10 s", meaning: counters("10 seconds") },
  interface_counters_1m: { label: "Interface counters, 1 min", meaning: counters("minute") },
  interface_counters_1h: { label: "Interface counters, 1 h", meaning: counters("hour") },
  filter_counters: { label: "Filter counters, 1 s", meaning: ofFilters("second") },
  filter_counters_10s: { label: "Filter counters, 10 s", meaning: ofFilters("10 seconds") },
  filter_counters_1m: { label: "Filter counters, 1 min", meaning: ofFilters("minute") },
  filter_counters_1h: { label: "Filter counters, 1 h", meaning: ofFilters("hour") },
  flow_counters_1m: { label: "Flow sums, 1 min", meaning: ofFlows("minute") },
  flow_counters_10m: { label: "Flow sums, 10 min", meaning: ofFlows("10 minutes") },
  flow_counters_1h: { label: "Flow sums, 1 h", meaning: ofFlows("hour") },
};

/** What is kept, in words, in the order in which it is shown. */
export const storedTables = Object.keys(words) as readonly StoredTableName[];
export const tableWords = (table: StoredTableName): Words => words[table];

/** Bytes with an SI prefix: `12.3 GB`. */
export function bytesText(bytes: number | null): string {
  if (bytes === null) return UNKNOWN;
  const text = si(bytes);
  return /\d$/.test(text) ? `${text}\u2009B` : `${text}B`;
}

/** How long something lasts at this pace; null: for ever, or not known. */
export function daysText(days: number | null): string {
  if (days === null) return UNKNOWN;
  if (days < 1) return "less than a day";
  return days >= 3650 ? "more than 10 years" : `${Math.floor(days)}\u2009d`;
}

/** Hours as the days a person types, and back; null for what is no such number. */
export const daysOf = (hours: number): string => String(Math.round((hours / 24) * 1000) / 1000);
export function hoursOf(days: string): number | null {
  const hours = Math.round(Number(days) * 24);
  return /^\d+(\.\d+)?$/.test(days.trim()) && hours >= 1 && hours <= MAX_DAYS * 24 ? hours : null;
}
export const MAX_DAYS = 3650;

/** Gigabytes a person types: a number, or nothing for no limit; undefined for what is neither. */
export function gigabytesOf(text: string): number | null | undefined {
  const value = Number(text);
  if (text.trim() === "") return null;
  return /^\d+(\.\d+)?$/.test(text.trim()) && value >= 0.1 && value <= 1_000_000 ? value : undefined;
}
