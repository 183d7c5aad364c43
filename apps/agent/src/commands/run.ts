import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { clockBoottimeNs, listInterfaces, nativeDir, openEngine, watchInterfaces } from "@sonde/bpf";
import type { AgentInterface, Passport } from "@sonde/protocol";
import type { Logger } from "pino";
import { BpfSource } from "../capture/bpf-source.ts";
import { toEndpoints } from "../capture/endpoints.ts";
import { createFilterJudge } from "../capture/filter-judge.ts";
import { type HookChoice, type Selection, hooksOf, unknownNames } from "../capture/plan.ts";
import { readClock } from "../control/clock.ts";
import { readCredential } from "../control/credential.ts";
import { CommandError, UsageError } from "../control/usage-error.ts";
import { Announcement } from "../pipeline/announcement.ts";
import { FlowTable } from "../pipeline/flow-table.ts";
import { BatchQueue } from "../pipeline/queue.ts";
import { createDialAgent } from "../uplink/dialer.ts";
import { createUplink } from "../uplink/uplink.ts";
import { createEventLog } from "./event-log.ts";
import { OwnEndpoints } from "./own-endpoints.ts";
import { Recording } from "./recording.ts";

export type RunFlags = {
  readonly state: string;
  readonly interface: readonly string[];
  readonly xdp: readonly string[];
  readonly xdpGeneric: readonly string[];
  readonly hook: HookChoice;
  /** Records per second; not beside `sample`. */
  readonly budget: number;
  readonly sample?: number;
  readonly snaplen: number;
  readonly sampleOwn?: boolean;
};
export type RunDeps = {
  readonly agentVersion: string;
  readonly passport: () => Passport;
  readonly log: Logger;
  readonly ca?: readonly string[] | undefined;
  /** File of the thread that judges filters (capture/judge-worker.ts). */
  readonly judgeScript: string;
};

/** How long the last batches may take to be acknowledged at the end. */
const FLUSH_MS = 2000;

/** Of this process, since it began. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

const randomStream = (): bigint => randomBytes(8).readBigUInt64LE();

/** Builds and starts the agent; the answer stops it. Throws UsageError, CommandError or BpfError. */
export function startAgent(flags: RunFlags, deps: RunDeps): () => Promise<void> {
  const { log } = deps;
  const credential = readCredential(flags.state);
  if (credential === null)
    throw new CommandError(`this host is not enrolled (no ${flags.state}/credential.json); run sonde-agent enrol first`);
  const { interface: interfaces, xdp, xdpGeneric, hook } = flags;
  const selection: Selection = { interfaces, xdp, xdpGeneric, hooks: hooksOf(hook) };
  const present = listInterfaces();
  const unknown = unknownNames(selection, present);
  if (unknown.length > 0) {
    throw new UsageError(`no interface ${unknown.join(", ")} here; there are: ${present.map((device) => device.name).join(", ")}`);
  }

  const sampling = { sampleN: flags.sample ?? 1, snaplen: flags.snaplen };
  const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  const engine = openEngine({ ...sampling, sampleOwn: flags.sampleOwn ?? false });
  const source = new BpfSource({ engine, listInterfaces, watchInterfaces, clockBoottimeNs, selection });
  const queue = new BatchQueue({
    hostId: credential.hostId,
    bootId,
    stream: randomStream(),
    ...sampling,
    release: (batch) => source.release(batch),
  });
  const flows = new FlowTable();
  const announcement = new Announcement();
  const passport = deps.passport();
  const url = new URL(credential.hub);
  const own = new OwnEndpoints(Number(url.port) || (url.protocol === "https:" ? 443 : 80), (list) =>
    engine.setOwnEndpoints(toEndpoints(list)),
  );
  const clock = () => readClock({ bootNs: clockBoottimeNs, wallMs: Date.now });
  const events = createEventLog({ log, interfaces: () => announcement.list(false), losses: () => queue.stats });
  const recording = new Recording({
    engine,
    setBatchSampling: (batch) => queue.setSampling(batch),
    judge: createFilterJudge(deps.judgeScript, nativeDir()),
    beforeLoad: () => source.countFilters(),
    events,
    builtIn: sampling,
    budget: flags.sample === undefined ? flags.budget : null,
    nowMs: () => performance.now(),
    cpuSeconds,
    queueLost: () => queue.stats.queueLost,
  });

  const uplink = createUplink({
    url,
    agent: createDialAgent({ url, pin: credential.pin ?? undefined, ca: deps.ca, onAddresses: (found) => own.resolved(found) }),
    hostId: credential.hostId,
    credential: credential.credential,
    agentVersion: deps.agentVersion,
    outbox: queue,
    random: Math.random,
    hello: () => {
      const { bootNs, wallNs } = clock();
      return { type: "hello", bootId, stream: queue.stream.toString(), passport, bootNs, wallNs, filterSet: recording.set };
    },
    interfaces: (resuming) => announcement.list(resuming),
    status: () => ({
      type: "status",
      ...recording.status,
      rssBytes: process.memoryUsage.rss(),
      cpuSeconds: cpuSeconds(),
      queueBytes: queue.stats.bytes,
      queueLost: queue.stats.queueLost.toString(),
    }),
    clock,
    onSampling: ({ n, snaplen }) => {
      recording.fix({ sampleN: n, snaplen });
      log.info({ event: "sampling", sampleN: n, snaplen }, "sampling fixed by the hub");
    },
    onFilters: (message) => recording.filters(message),
    onEndpoints: (list, reachedBy) => own.announced(list, reachedBy),
    onGap: () => queue.restart(randomStream()),
    onEvent: events.uplink,
  });

  const announce = (list: readonly AgentInterface[]): void => {
    announcement.replace(list);
    uplink.announce();
  };
  source.start({
    records: (batch, records) => {
      queue.pushRecords(batch, records);
      uplink.poke();
    },
    counters: (batches, force) => {
      const taken = queue.pushCounters(batches, force);
      events.losses();
      uplink.poke();
      return taken;
    },
    filterCounters: (batches, force) => queue.pushFilterCounters(batches, force),
    flows: (drained, ended) => queue.pushFlows([...flows.drain(drained), ...flows.end(ended)]),
    settled: () => {
      if (queue.stats.heldNaming === 0 && announcement.settle()) uplink.announce();
    },
    counted: (totals) => {
      queue.setRingLost(totals.ringLost);
      events.counted(totals);
      recording.counted(totals);
    },
    interfaces: announce,
    attached: events.attached,
    detached: events.detached,
  });
  uplink.start();

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    log.info({ event: "stopping" }, "stopping");
    await recording.stop();
    await source.stop();
    const flushed = await uplink.flush(FLUSH_MS);
    uplink.stop();
    log.info({ event: "stopped", flushed, unsent: queue.stats.held }, flushed ? "stopped" : "stopped with batches unsent");
  };
  return () => (stopping ??= stop());
}
