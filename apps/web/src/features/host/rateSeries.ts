import type { HostInterface } from "../../api/types.ts";
import { allClasses, groupOfClass, protoGroups } from "../../domain/summary.ts";
import type { ProtoGroup } from "../../domain/summary.ts";
import type { Measure, RateStore } from "../../live/rateStore.ts";
import type { ChartSeries } from "../../ui/chartOptions.ts";

const groupNames: Record<ProtoGroup, string> = { tcp: "TCP", udp: "UDP", icmp: "ICMP", ip: "Other IP", arp: "ARP", other: "Not IP" };
const groupDashes: Partial<Record<ProtoGroup, readonly number[]>> = {
  udp: [9, 4],
  icmp: [2, 3],
  ip: [9, 3, 2, 3],
  arp: [5, 3],
  other: [1, 4],
};
const interfaceColors = ["accent", "ip", "icmp", "arp", "tcp", "other"] as const;
const interfaceDashes: readonly (readonly number[] | undefined)[] = [undefined, [9, 4], [2, 3], [9, 3, 2, 3]];
/** More lines than this cannot be told apart. */
const MAX_LINES = 24;

type Ask = { readonly rates: RateStore; readonly unit: "bits" | "packets"; readonly interfaces: readonly number[] };
const both = [1, 2] as const;

function scaled(ask: Ask, interfaces: readonly number[], classes: readonly number[]): (number | null)[] {
  const measure: Measure = ask.unit === "packets" ? "packets" : "bytes";
  const values = ask.rates.series({ interfaces, classes, directions: both, measure });
  return ask.unit === "packets" ? values : values.map((value) => (value === null ? null : value * 8));
}

/** One line per protocol group, summed over the interfaces that are shown. */
export function protocolSeries(ask: Ask, hidden: ReadonlySet<string>): ChartSeries[] {
  return protoGroups.map((group) => {
    const classes = allClasses.filter((index) => groupOfClass[index] === group);
    const dash = groupDashes[group];
    return {
      id: group,
      label: groupNames[group],
      color: group,
      values: scaled(ask, ask.interfaces, classes),
      shown: !hidden.has(group),
      ...(dash === undefined ? {} : { dash }),
    };
  });
}

/** One line per interface that is counted, in the order of the interfaces. */
export function interfaceSeries(ask: Ask, interfaces: readonly HostInterface[], shown: ReadonlySet<number>): ChartSeries[] {
  const counted = interfaces.filter((one) => one.hook !== "none" || ask.rates.snapshot().interfaces.includes(one.ifindex));
  return counted.slice(0, MAX_LINES).map((one, index) => {
    const dash = interfaceDashes[Math.floor(index / interfaceColors.length) % interfaceDashes.length];
    return {
      id: String(one.ifindex),
      label: one.name,
      color: interfaceColors[index % interfaceColors.length] ?? "other",
      values: scaled(ask, [one.ifindex], allClasses),
      shown: shown.has(one.ifindex),
      ...(dash === undefined ? {} : { dash }),
    };
  });
}

/** The newest value when it is known, else null. */
export function lastKnown(values: readonly (number | null)[]): number | null {
  return values.at(-1) ?? null;
}
