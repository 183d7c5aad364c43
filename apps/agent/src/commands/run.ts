import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { clockBoottimeNs, nativeDir } from "@sonde/bpf";
import type { AgentInterface, Passport } from "@sonde/protocol";
import type { Logger } from "pino";
import { toEndpoints } from "../capture/endpoints.ts";
import { engineReport } from "../capture/engine-report.ts";
import { createFilterJudge } from "../capture/filter-judge.ts";
import type { ReplayEnd } from "../capture/replay-source.ts";
import { readClock } from "../control/clock.ts";
import { readCredential } from "../control/credential.ts";
import { DEFAULT_LABEL_FILE, openLabelFile } from "../control/labels.ts";
import { DEFAULT_LIMIT_FILE, DEFAULT_SNAPLEN, openLimitFile, withPayload } from "../control/limits.ts";
import { CommandError } from "../control/usage-error.ts";
import { Announcement } from "../pipeline/announcement.ts";
import { FlowTable } from "../pipeline/flow-table.ts";
import { Outbox } from "../pipeline/outbox.ts";
import { BatchQueue } from "../pipeline/queue.ts";
import { createDialAgent } from "../uplink/dialer.ts";
import { createUplink } from "../uplink/uplink.ts";
import { createEventLog, logSpool } from "./event-log.ts";
import { Keeping } from "./keeping.ts";
import { type SourceFlags, openSource } from "./open-source.ts";
import { OwnEndpoints } from "./own-endpoints.ts";
import { Recording } from "./recording.ts";

export type RunFlags = SourceFlags & {
  readonly state: string;
  /** File of labels; the default one need not be there. */
  readonly labels?: string;
  /** File of what may leave this host; the default one need not be there. */
  readonly limits?: string;
  /** Records per second; not beside `sample`. */
  readonly budget: number;
  readonly sample?: number;
  readonly snaplen: number;
  /** Bytes kept on disk at most. */
  readonly spoolSize: number;
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
/** A replay may take longer: nothing is left behind because a file came to its end. */
const REPLAY_FLUSH_MS = 60_000;
/** A replayed file waits while so much is held for the hub; the queue drops records from 32 MiB on. */
const FULL_BYTES = 16 * 1024 * 1024;

/** Of this process, since it began. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

const randomStream = (): bigint => randomBytes(8).readBigUInt64LE();

export type RunningAgent = {
  /** Resolves when a replayed file is at its end. */
  readonly ended: Promise<unknown>;
  /** Idempotent. Rejects with CommandError when a replayed file could not be read to its end. */
  stop(): Promise<void>;
};

/** Builds and starts the agent. Throws UsageError, CommandError or BpfError. */
export function startAgent(flags: RunFlags, deps: RunDeps): RunningAgent {
  const { log } = deps;
  const credential = readCredential(flags.state);
  if (credential === null)
    throw new CommandError(`this host is not enrolled (no ${flags.state}/credential.json); run sonde-agent enrol first`);
  const labels = openLabelFile({
    file: flags.labels ?? DEFAULT_LABEL_FILE,
    asked: flags.labels !== undefined,
    onTrouble: (reason) => log.warn({ event: "labels", reason }, `${reason}; the labels stay as they were`),
  });
  const limits = openLimitFile({
    file: flags.limits ?? DEFAULT_LIMIT_FILE,
    asked: flags.limits !== undefined,
    onTrouble: (reason) => log.warn({ event: "limits", reason }, `${reason}; at most ${DEFAULT_SNAPLEN} bytes of a packet leave this host`),
  });
  const { snaplen: most } = limits();
  const sampling = { sampleN: flags.sample ?? 1, snaplen: flags.snaplen };
  if (flags.snaplen > most) {
    const words = `--snaplen ${flags.snaplen} is more than the ${most} bytes that this host's limits allow (${flags.limits ?? DEFAULT_LIMIT_FILE})`;
    log.warn({ event: "limits", asked: flags.snaplen, snaplen: most }, words);
  }
  const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  const { engine, source, ended } = openSource(flags, {
    sampling: { ...sampling, snaplen: Math.min(sampling.snaplen, most) },
    log,
    isFull: () => queue.stats.bytes > FULL_BYTES,
  });
  const stream = randomStream();
  const announcement = new Announcement();
  /** The hub has not heard of it yet. */
  let engineChanged = false;
  const clock = () => readClock({ bootNs: clockBoottimeNs, wallMs: Date.now });
  const { hostId } = credential;
  const keeping = new Keeping({
    stateDir: flags.state,
    hostId,
    bootId,
    stream,
    maxBytes: flags.replay === undefined ? flags.spoolSize : 0, // a file can be replayed again
    clock,
    interfaces: () => announcement.list(true),
    nowMs: () => performance.now(),
    onEvent: (event) => logSpool(log, event),
  });
  const { kept } = keeping;
  const queue = new BatchQueue({ hostId, bootId, stream, ...sampling, release: (batch) => source.release(batch), kept });
  const outbox = new Outbox({ hostId, queue, earliest: () => keeping.earliest() });
  const flows = new FlowTable();
  let stopping: Promise<void> | undefined;
  const passport = deps.passport();
  const url = new URL(credential.hub);
  const own = new OwnEndpoints(Number(url.port) || (url.protocol === "https:" ? 443 : 80), (list) => {
    if (stopping === undefined) engine.setOwnEndpoints(toEndpoints(list)); // the last connection may outlive the engine
  });
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
    queueLost: () => queue.stats.queueLost - queue.stats.cut,
    limits,
    bootNs: clockBoottimeNs,
    after: (ms, call) => {
      const timer = setTimeout(call, ms);
      return () => clearTimeout(timer);
    },
    onChange: () => {
      engineChanged = true;
      uplink.report();
    },
  });

  const uplink = createUplink({
    url,
    agent: createDialAgent({ url, pin: credential.pin ?? undefined, ca: deps.ca, onAddresses: (found) => own.resolved(found) }),
    hostId,
    credential: credential.credential,
    agentVersion: deps.agentVersion,
    outbox,
    random: Math.random,
    hello: () => {
      const { bootNs, wallNs } = clock();
      return {
        type: "hello",
        bootId,
        stream: queue.stream.toString(),
        passport: withPayload(keeping.passport(passport), limits()),
        bootNs,
        wallNs,
        filterSet: recording.set,
        labels: labels(),
      };
    },
    interfaces: (resuming) => announcement.list(resuming),
    status: () => ({
      type: "status",
      ...recording.status,
      rssBytes: process.memoryUsage.rss(),
      cpuSeconds: cpuSeconds(),
      queueBytes: queue.stats.bytes,
      queueLost: queue.stats.queueLost.toString(),
      ...keeping.status,
    }),
    engine: () => {
      const described = stopping === undefined ? engine.describe() : null;
      engineChanged &&= described === null;
      return described === null ? null : engineReport(described, announcement.list(false));
    },
    clock,
    onSampling: ({ n, snaplen }) => {
      recording.fix({ sampleN: n, snaplen });
      log.info({ event: "sampling", sampleN: n, snaplen }, "sampling fixed by the hub");
    },
    onFilters: (message) => recording.filters(message),
    onEndpoints: (list, reachedBy) => own.announced(list, reachedBy),
    onGap: () => queue.restart(randomStream()),
    onEvent: (event) => {
      if (event.type === "connected") outbox.setAway(false);
      else if ("retryMs" in event && event.type !== "held-back") outbox.setAway(true);
      events.uplink(event);
    },
  });

  const announce = (list: readonly AgentInterface[]): void => {
    announcement.replace(list);
    engineChanged = true;
    keeping.note();
    uplink.announce();
  };
  source.start({
    records: (batch, records) => {
      const left = recording.cut(batch, records);
      if (left.batch !== batch) source.release(batch);
      queue.cutRecords(left.dropped);
      if (left.records > 0) queue.pushRecords(left.batch, left.records);
      uplink.poke();
    },
    counters: (batches, force) => {
      const taken = queue.pushCounters(batches, force);
      events.losses();
      outbox.tick();
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
      if (engineChanged) uplink.reportEngine(); // a host that starts many containers changes hundreds of times a second
    },
    interfaces: announce,
    attached: events.attached,
    detached: events.detached,
  });
  uplink.start();

  let replayed: ReplayEnd | null = null;
  const end = ended.then((totals) => (replayed = totals));
  const stop = async (): Promise<void> => {
    log.info({ event: "stopping" }, "stopping");
    await recording.stop();
    await source.stop();
    const flushed = replayed === null ? await uplink.flush(FLUSH_MS) : await uplink.flush(REPLAY_FLUSH_MS, true);
    uplink.stop();
    const unsent = queue.stats.held;
    queue.park();
    keeping.close();
    log.info({ event: "stopped", flushed, unsent, ...keeping.status }, flushed ? "stopped" : "stopped with batches unsent");
    if (replayed !== null) sumUp(replayed, { file: flags.replay ?? "", flushed, log });
  };
  return { ended: end, stop: () => (stopping ??= stop()) };
}

/** The line of totals. Throws CommandError when the file could not be read to its end, or the hub did not get all of it. */
function sumUp({ ran, leftOut, failure }: ReplayEnd, { file, flushed, log }: { file: string; flushed: boolean; log: Logger }): void {
  log.info({ event: "replayed", file, ran, leftOut }, `${ran} packets of ${file} were replayed, ${leftOut} left out`);
  if (failure !== null) throw new CommandError(`${file}: ${failure.message}`);
  if (!flushed) throw new CommandError(`${file}: the hub has not taken all of it`);
}
