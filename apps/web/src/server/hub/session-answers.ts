import { CodedError, type AgentInterface, type HelloAck } from "@sonde/protocol";
import type { Committed } from "../store/streams.ts";

/** Not parsed yet, only told apart. */
export function isStatus(input: unknown): boolean {
  return typeof input === "object" && input !== null && "type" in input && input.type === "status";
}

/** Throws BAD_REQUEST. */
export function mustBeDistinct(list: readonly AgentInterface[]): void {
  if (new Set(list.map((one) => one.name)).size < list.length || new Set(list.map((one) => one.ifindex)).size < list.length) {
    throw new CodedError("BAD_REQUEST", "interfaces: a name or an index comes twice");
  }
}

/** As hello and resume are answered. */
export function asText({ records, counters, flows, filterCounters }: Committed): Extract<HelloAck, { ok: true }>["committed"] {
  return { records: `${records}`, counters: `${counters}`, flows: `${flows}`, filterCounters: `${filterCounters}` };
}
