import {
  captureEndSchema,
  captureHostStateSchema,
  type Capture,
  type CaptureDetail,
  type CaptureHost,
  type CaptureHostState,
} from "@sonde/protocol/rest";
import type { Capture as CaptureRow } from "../../../../../../prisma/generated/client.ts";
import type { HubDoor } from "../../context.ts";
import type { CaptureHostRow, CaptureSum } from "./rows.ts";

export type StoredCapture = CaptureRow & { readonly filter: { readonly expression: string } };
type Door = Pick<HubDoor, "connected">;

/** Why a host's part ended, in words; what is not here is an error code, and its detail says it. */
const words: Readonly<Record<string, string>> = {
  time: "its time was over",
  packets: "it had the packets that were asked for",
  bytes: "it had the bytes that were asked for",
  stopped: "it was stopped",
  disk: "the disk of the hub's database was nearly full",
  offline: "the host was not connected while it ran",
  "no-answer": "the agent did not answer while it ran",
};

/** A capture of which `sums` are seen. */
export function presentCapture(hub: Door, row: StoredCapture, sums: readonly CaptureSum[]): Capture {
  const states: Partial<Record<CaptureHostState, number>> = {};
  const add = (state: CaptureHostState, hosts: number): void => {
    if (hosts > 0) states[state] = (states[state] ?? 0) + hosts;
  };
  for (const { state, hosts, hostIds } of sums) {
    const offline = (hostIds ?? []).filter((id) => !hub.connected(id)).length;
    add("offline", offline);
    add(captureHostStateSchema.parse(state), hosts - offline);
  }
  const sum = (of: (one: CaptureSum) => bigint): string => `${sums.reduce((total, one) => total + of(one), 0n)}`;
  return {
    ...head(row),
    packets: sum((one) => one.packets),
    bytes: sum((one) => one.bytes),
    lost: sum((one) => one.lost),
    states,
  };
}

/** The same with its hosts. */
export function presentDetail(hub: Door, row: StoredCapture, hosts: readonly CaptureHostRow[]): CaptureDetail {
  const sums = hosts.map(({ captureId, hostId, state, packets, bytes, lost }): CaptureSum => ({
    captureId,
    state,
    hosts: 1,
    packets,
    bytes,
    lost,
    hostIds: state === "pending" ? [hostId] : null,
  }));
  return { ...presentCapture(hub, row, sums), hosts: hosts.map((host) => presentHost(hub, row, host)) };
}

function presentHost(hub: Door, capture: StoredCapture, host: CaptureHostRow): CaptureHost {
  const stored = captureHostStateSchema.parse(host.state);
  const state = stored === "pending" && !hub.connected(host.hostId) ? "offline" : stored;
  const ended = state === "draining" || state === "ended" || state === "refused";
  const reason = host.endReason ?? capture.endReason ?? "";
  return {
    hostId: host.hostId,
    name: host.name,
    state,
    reason: ended ? (words[reason] ?? `${host.detail ?? "refused"} (${reason})`) : null,
    startedAt: host.startedAt?.toISOString() ?? null,
    endedAt: host.endedAt?.toISOString() ?? null,
    packets: `${host.packets}`,
    bytes: `${host.bytes}`,
    matched: `${host.matched}`,
    sampledOut: `${host.sampledOut}`,
    lost: `${host.lost}`,
    snaplen: host.snaplen,
    sampleN: host.sampleN,
    clockOffsetNs: host.clockOffsetNs?.toString() ?? null,
    clockErrorNs: host.clockErrorNs?.toString() ?? null,
  };
}

function head(row: StoredCapture): Omit<Capture, "packets" | "bytes" | "lost" | "states"> {
  return {
    id: row.id,
    name: row.name,
    expression: row.filter.expression,
    snaplen: row.snaplen,
    reason: row.reason,
    seconds: row.maxSeconds,
    maxPackets: `${row.maxPackets}`,
    maxBytes: `${row.maxBytes}`,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    endReason: captureEndSchema.nullable().parse(row.endReason),
  };
}
