import type { FleetFacts, HostFacts, LedgerField } from "../services/metrics/fleet.ts";
import type { Family } from "./family.ts";
import { counter, gauge, one } from "./hub-families.ts";

type Read = (host: HostFacts) => number | null;

const ledger = (field: LedgerField, name: string, help: string): [ReturnType<typeof counter>, Read] => [
  counter(name, help),
  (host) => host.ledger[field],
];

/** Per host; a host of which a number is not known has no series of it. */
const perHost: readonly (readonly [ReturnType<typeof gauge>, Read])[] = [
  [gauge("sonde_host_up", "1 while the host's agent is live, else 0."), ({ now }) => (now.status === "live" ? 1 : 0)],
  [
    gauge("sonde_host_last_seen_timestamp_seconds", "When the host was last heard, seconds since 1970."),
    ({ now }) => (now.lastSeen ? now.lastSeen.getTime() / 1000 : null),
  ],
  [
    gauge("sonde_host_clock_offset_seconds", "How far the host's wall clock is ahead of the hub's."),
    ({ now }) => (now.clockOffsetNs === null ? null : Number(now.clockOffsetNs) / 1e9),
  ],
  [
    counter("sonde_host_packets_total", "Wire packets on the host's uplinks, since the hub started."),
    ({ traffic }) => traffic?.packets ?? null,
  ],
  [counter("sonde_host_bytes_total", "Bytes on the host's uplinks, since the hub started."), ({ traffic }) => traffic?.bytes ?? null],
  [
    gauge("sonde_host_packets_per_second", "Wire packets on the host's uplinks, in the last second counted."),
    ({ traffic }) => traffic?.packetsPerSecond ?? null,
  ],
  [
    gauge("sonde_host_bytes_per_second", "Bytes on the host's uplinks, in the last second counted."),
    ({ traffic }) => (traffic ? traffic.bitsPerSecond / 8 : null),
  ],
  ledger("seen", "sonde_host_records_seen_total", "Packets that could have become records."),
  ledger("unmatched", "sonde_host_records_unmatched_total", "Packets that no filter took."),
  ledger("sampledOut", "sonde_host_records_sampled_out_total", "Packets left out by sampling."),
  ledger("ringLost", "sonde_host_records_ring_lost_total", "Records lost in the kernel's ring."),
  ledger("noReader", "sonde_host_records_no_reader_total", "Packets that came while no agent read."),
  ledger("delivered", "sonde_host_records_delivered_total", "Records that reached the agent."),
  ledger("queueLost", "sonde_host_records_queue_lost_total", "Records that the agent's queue dropped."),
  ledger("stored", "sonde_host_records_stored_total", "Records of committed batches."),
  ledger("refused", "sonde_host_records_refused_total", "Records of batches that the hub refused."),
  ledger("flows", "sonde_host_flow_records_total", "Flow records stored."),
  ledger("flowFrames", "sonde_host_flow_frames_total", "Frames in stored flow records."),
  ledger("unflowed", "sonde_host_unflowed_frames_total", "Frames of IP that no flow table had room for."),
  ledger("nonFlow", "sonde_host_non_flow_frames_total", "Frames that are in no flow: not IP, or malformed."),
  ledger("flowsLost", "sonde_host_flow_records_lost_total", "Flow records that the agent's queue dropped."),
  ledger("flowsRefused", "sonde_host_flow_records_refused_total", "Flow records of batches that the hub refused."),
];

/** Series that one host has. */
export const SERIES_PER_HOST = perHost.length;

/** Metrics of the hosts, each made when it is its turn; null where the database does not answer. */
export function* fleetFamilies(facts: FleetFacts | null): Generator<Family> {
  yield one(gauge("sonde_metrics_fleet_up", "1 when the metrics of hosts could be read, else 0."), facts ? 1 : 0);
  if (!facts) return;
  yield one(
    gauge("sonde_metrics_series_dropped", "Series of hosts that were left out here because there are too many."),
    facts.left * SERIES_PER_HOST,
  );
  const byStatus = Object.entries(facts.statuses).map(([status, value]) => ({ labels: { status }, value }));
  yield { ...gauge("sonde_hub_hosts", "Enrolled hosts, by status."), samples: byStatus };
  const labelled = facts.hosts.map((host) => ({ host, labels: { host: host.name, host_id: host.id } }));
  for (const [head, read] of perHost) {
    const samples = labelled.flatMap(({ host, labels }) => {
      const value = read(host);
      return value === null ? [] : [{ labels, value }];
    });
    yield { ...head, samples };
  }
}
