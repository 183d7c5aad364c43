import type { Flow, Host } from "@sonde/protocol/rest";
import { and, fieldNamed, fieldOf, parseQuery, printQuery } from "./query/index.ts";
import type { Query } from "./query/index.ts";
import { clockText } from "./time.ts";
import { span } from "./units.ts";

/** What flows can be grouped by on the page: fields of the filter language, and `peer`, the address at the far end of the host. */
export const groupings = [
  { value: "peer", label: "Peer" },
  { value: "ip.src", label: "Source address" },
  { value: "ip.dst", label: "Destination address" },
  { value: "ip.src,ip.dst", label: "Pair of addresses" },
  { value: "dstport", label: "Destination port" },
  { value: "ip.proto", label: "Protocol" },
  { value: "host.name", label: "Host" },
  { value: "interface", label: "Interface" },
  { value: "direction", label: "Direction" },
  { value: "verdict", label: "Verdict" },
  { value: "vlan.id", label: "VLAN" },
  { value: "tunnel.type", label: "Tunnel" },
] as const;

const labelled = /^host\.label\.([a-z][a-z0-9_.-]{0,62})$/;

/** A grouping in words; of one that the page does not offer, the field itself. */
export function groupingLabel(value: string): string {
  const key = labelled.exec(value)?.[1];
  if (key !== undefined) return `Label ${key}`;
  return groupings.find((one) => one.value === value)?.label ?? value;
}

/** Whether a field holds addresses, so that names are wanted for them. */
export function isAddressField(name: string): boolean {
  const field = name === "peer" ? "ip.addr" : fieldNamed(name);
  return field !== null && fieldOf(field).type === "address";
}

/** The rows of one value of a field; null: those that have none. */
function termOf(name: string, value: string | null): Query | null {
  const field = name === "peer" ? "ip.addr" : fieldNamed(name);
  if (field === null) return null;
  if (value !== null && fieldOf(field).type === "text") return { type: "compare", field, op: "==", value: { type: "text", text: value } };
  const parsed = parseQuery(value === null ? `!${field}` : `${field} == ${value}`);
  return parsed.ok ? parsed.query : null;
}

/** The filter for the rows of one value of a field, as it is written; null: there is none. */
export function termText(name: string, value: string | null): string | null {
  const term = termOf(name, value);
  return term === null ? null : printQuery(term);
}

/** The filter narrowed to one value of a field; as it was where it cannot be read. */
export function narrowed(filter: string, name: string, value: string | null): string {
  const before = parseQuery(filter);
  const term = termOf(name, value);
  return before.ok && term !== null ? printQuery(and(before.query, term)) : filter;
}

const endings: Readonly<Record<string, string>> = {
  idle: "silent for 15 s",
  active: "goes on",
  end: "closed",
  forced: "the agent stopped or the interface went",
  resources: "written early, the table was full",
};
/** What a filter may name of the fleet: hosts, and the values of each label, in order. */
export function fleetNames(hosts: readonly Pick<Host, "name" | "labels">[]): { hosts: string[]; labels: Record<string, string[]> } {
  const labels = new Map<string, Set<string>>();
  for (const { key, value } of hosts.flatMap((host) => host.labels)) labels.set(key, (labels.get(key) ?? new Set()).add(value));
  const sorted = [...labels].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, values]) => [key, [...values].toSorted(inOrder)] as const);
  return { hosts: [...new Set(hosts.map((host) => host.name))].toSorted(inOrder), labels: Object.fromEntries(sorted) };
}
const inOrder = (a: string, b: string): number => (a < b ? -1 : 1);

/** Why a flow record was written, in words. */
export const endingWords = (reason: string): string => endings[reason] ?? reason;

/** TCP, UDP and SCTP: of other protocols both ports are 0 (or an ICMP message's type and code). */
export const hasPorts = (flow: Pick<Flow, "protocol">): boolean => [6, 17, 132].includes(flow.protocol);

/** `HH:MM:SS.mmm` in the reader's zone. */
export const timeOfDay = (iso: string): string => clockText(BigInt(Date.parse(iso)) * 1_000_000n, "local").slice(0, 12);

/** From the first packet of a record to its last. */
export function lasted(flow: Pick<Flow, "first" | "last">): string {
  const ms = Date.parse(flow.last) - Date.parse(flow.first);
  return ms < 1000 ? `${ms}\u2009ms` : span(ms);
}
