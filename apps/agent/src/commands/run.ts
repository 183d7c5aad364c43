import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { type EngineOptions, clockBoottimeNs, listInterfaces, openEngine, watchInterfaces } from "@sonde/bpf";
import type { AgentInterface, Passport } from "@sonde/protocol";
import type { Logger } from "pino";
import { BpfSource } from "../capture/bpf-source.ts";
import { measureCost } from "../capture/filter-cost.ts";
import { createFilterTaker, samplingOf } from "../capture/filter-set.ts";
import { type HookChoice, type Selection, hooksOf, unknownNames } from "../capture/plan.ts";
import type { Sampling } from "../capture/source.ts";
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

export type RunFlags = {
  readonly state: string;
  readonly interface: readonly string[];
  readonly xdp: readonly string[];
  readonly xdpGeneric: readonly string[];
  readonly hook: HookChoice;
  readonly sample: number;
  readonly snaplen: number;
  readonly sampleOwn?: boolean;
};
export type RunDeps = {
  readonly agentVersion: string;
  readonly passport: () => Passport;
  readonly log: Logger;
  readonly ca?: readonly string[] | undefined;
};

/** How long the last batches may take to be acknowledged at the end. */
const FLUSH_MS = 2000;

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

  const sampling = { sampleN: flags.sample, snaplen: flags.snaplen };
  const engineOptions: EngineOptions = { ...sampling, sampleOwn: flags.sampleOwn ?? false };
  const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  const queue = new BatchQueue({ hostId: credential.hostId, bootId, stream: randomStream(), ...sampling });
  const source = new BpfSource({
    engine: openEngine(engineOptions),
    listInterfaces,
    watchInterfaces,
    clockBoottimeNs,
    selection,
    measureCost,
  });
  const flows = new FlowTable();
  const announcement = new Announcement();
  const passport = deps.passport();
  const url = new URL(credential.hub);
  const own = new OwnEndpoints(Number(url.port) || (url.protocol === "https:" ? 443 : 80), (list) => source.setOwnEndpoints(list));
  const clock = () => readClock({ bootNs: clockBoottimeNs, wallMs: Date.now });
  const events = createEventLog({ log, interfaces: () => announcement.list(false), losses: () => queue.stats });
  const take = createFilterTaker((set) => source.setFilters(set));
  let builtIn = sampling;
  let filtered: Sampling | null = null; // what holds in place of it while filters are active
  let filterSet = 0;

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
      return { type: "hello", bootId, stream: queue.stream.toString(), passport, bootNs, wallNs, filterSet };
    },
    interfaces: (resuming) => announcement.list(resuming),
    status: () => ({
      type: "status",
      ...(filtered ?? builtIn),
      rssBytes: process.memoryUsage.rss(),
      cpuSeconds: (process.cpuUsage().user + process.cpuUsage().system) / 1e6,
      queueBytes: queue.stats.bytes,
      queueLost: queue.stats.queueLost.toString(),
    }),
    clock,
    onSampling: ({ n, snaplen }) => {
      builtIn = { sampleN: n, snaplen };
      source.setSampling(builtIn);
      queue.setSampling(filtered ?? builtIn);
      log.info({ event: "sampling", ...builtIn }, "sampling changed by the hub");
    },
    onFilters: (message) => {
      const answer = take(message);
      if (answer.ok) {
        filterSet = message.number;
        filtered = samplingOf(message.filters);
        queue.setSampling(filtered ?? builtIn);
      }
      events.filters(message, answer);
      return answer;
    },
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
    ringLost: (total) => {
      queue.setRingLost(total);
      events.ringLost(total);
    },
    interfaces: announce,
    attached: events.attached,
    detached: events.detached,
  });
  uplink.start();

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    log.info({ event: "stopping" }, "stopping");
    await source.stop();
    const flushed = await uplink.flush(FLUSH_MS);
    uplink.stop();
    log.info({ event: "stopped", flushed, unsent: queue.stats.held }, flushed ? "stopped" : "stopped with batches unsent");
  };
  return () => (stopping ??= stop());
}
