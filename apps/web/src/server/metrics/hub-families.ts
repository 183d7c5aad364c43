import { batchKinds } from "@sonde/protocol";
import type { Histogram, HubCounters } from "../hub/counters.ts";
import type { Family, Sample } from "./family.ts";
import type { LoopDelay } from "./process.ts";

/** What the hub's process says of itself. */
export type ProcessFacts = {
  readonly version: string;
  readonly startedAtMs: number;
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly delay: LoopDelay;
};

/** Metrics of the hub itself. */
export function hubFamilies(counters: HubCounters, facts: ProcessFacts): Family[] {
  const byKind = (counts: HubCounters["batches"]): Sample[] => batchKinds.map((kind) => ({ labels: { kind }, value: counts[kind] }));
  return [
    { ...gauge("sonde_hub_info", "Always 1; the hub's version."), samples: [{ labels: { version: facts.version }, value: 1 }] },
    one(gauge("sonde_hub_start_time_seconds", "When the hub started, seconds since 1970."), facts.startedAtMs / 1000),
    one(counter("sonde_hub_cpu_seconds_total", "Processor time of the hub, user and system."), facts.cpuSeconds),
    one(gauge("sonde_hub_resident_memory_bytes", "Resident memory of the hub."), facts.residentBytes),
    one(gauge("sonde_hub_event_loop_delay_mean_seconds", "How late timers fired, mean of 15 s."), facts.delay.mean),
    one(gauge("sonde_hub_event_loop_delay_p99_seconds", "How late timers fired, 99th percentile of 15 s."), facts.delay.p99),
    one(gauge("sonde_hub_event_loop_delay_max_seconds", "How late timers fired, worst of 15 s."), facts.delay.max),
    { ...counter("sonde_hub_batches_total", "Batches committed and acknowledged, by kind."), samples: byKind(counters.batches) },
    { ...counter("sonde_hub_records_total", "Records or rows in committed batches, by kind."), samples: byKind(counters.records) },
    one(counter("sonde_hub_batch_bytes_total", "Bytes of batches as they came."), counters.batchBytes),
    one(counter("sonde_hub_duplicate_batches_total", "Batches that came again and were not stored again."), counters.duplicates),
    one(counter("sonde_hub_held_back_batches_total", "Batches that found no room and were asked for again."), counters.heldBack),
    { ...counter("sonde_hub_refused_total", "Batches and messages of agents turned away, by code."), samples: byCode(counters.refused) },
    histogram("sonde_hub_commit_duration_seconds", "Time of a commit to the database.", counters.commits),
    one(counter("sonde_hub_commit_failures_total", "Commits that failed and were tried again."), counters.commitFailures),
    one(gauge("sonde_hub_queue_batches", "Batches that wait for their commit."), counters.waitingBatches),
    one(gauge("sonde_hub_queue_bytes", "Bytes of batches that wait for their commit."), counters.waitingBytes),
    one(gauge("sonde_hub_agents", "Connected agents."), counters.agents),
    one(gauge("sonde_hub_viewers", "Connected browser pages."), counters.viewers),
    {
      ...counter("sonde_hub_agent_handshakes_refused_total", "Agents' handshakes turned away, by code."),
      samples: byCode(counters.agentHandshakesRefused),
    },
    {
      ...counter("sonde_hub_viewer_handshakes_refused_total", "Browsers' handshakes turned away, by code."),
      samples: byCode(counters.viewerHandshakesRefused),
    },
    one(gauge("sonde_hub_subscriptions", "Watched hosts and subscriptions of all browsers."), counters.subscriptions),
    {
      ...counter("sonde_hub_viewer_messages_refused_total", "What browsers asked for and were refused, by code."),
      samples: byCode(counters.viewerMessagesRefused),
    },
    {
      ...counter("sonde_hub_viewers_ended_total", "Browsers that the hub parted with, by reason."),
      samples: (["signed-out", "silent", "too-many"] as const).map((reason) => ({
        labels: { reason },
        value: counters.viewersEnded.get(reason) ?? 0,
      })),
    },
    one(counter("sonde_hub_viewers_coarse_total", "Times that a browser was too slow and got summaries."), counters.viewersCoarse),
    one(counter("sonde_hub_viewer_skipped_batches_total", "Batches left out for slow browsers."), counters.viewerSkippedBatches),
    one(counter("sonde_hub_viewer_skipped_records_total", "Records left out for slow browsers."), counters.viewerSkippedRecords),
  ];
}

type Head = Omit<Family, "samples">;
export const gauge = (name: string, help: string): Head => ({ name, help, type: "gauge" });
export const counter = (name: string, help: string): Head => ({ name, help, type: "counter" });
export const one = (head: Head, value: number): Family => ({ ...head, samples: [{ value }] });

/** Codes are a closed list. One sample without a label stands for none yet, so that a rate has something to begin from. */
function byCode(counts: ReadonlyMap<string, number>): Sample[] {
  if (counts.size === 0) return [{ labels: { code: "NONE" }, value: 0 }];
  return [...counts].map(([code, value]) => ({ labels: { code }, value }));
}

function histogram(name: string, help: string, { bounds, counts, count, sum }: Histogram): Family {
  let below = 0;
  const buckets = bounds.map((bound, i) => ({ suffix: "_bucket", labels: { le: String(bound) }, value: (below += counts[i]!) }));
  const rest = [
    { suffix: "_bucket", labels: { le: "+Inf" }, value: count },
    { suffix: "_sum", value: sum },
    { suffix: "_count", value: count },
  ];
  return { name, help, type: "histogram", samples: [...buckets, ...rest] };
}
