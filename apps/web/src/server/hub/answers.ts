import { CodedError, errorCodes, type Ack, type AgentInterface, type ErrorCode, type HelloAck } from "@sonde/protocol";
import type { Committed } from "../store/streams.ts";

export const OK: Ack = { ok: true };

export function refusal(code: ErrorCode, detail?: string): Extract<Ack, { ok: false }> {
  return { ok: false, code, detail: (detail ?? errorCodes[code].title).slice(0, 500) };
}

/** Made once: it is what a flood is answered with. */
export const TOO_MANY: Ack = refusal("TOO_MANY");

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
