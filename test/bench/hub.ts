/*
 * The hub's ingest with simulated agents in a process of their own: flow records a second from socket to acknowledgement
 * beside the same rows by bare COPY, what connected agents cost, the live path under half of that load, memory over
 * minutes of all of it, and the whole fleet coming back after the hub was killed. The hub runs as built on the embedded
 * Postgres; fsync and synchronous_commit are on for both sides of every comparison. `--minutes N`: of the memory run, 5.
 */
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { bareCopy } from "./hub/bare-copy.ts";
import { type Fleet, startFleet } from "./hub/fleet-client.ts";
import { HOSTILE_HOSTS, measureHostile } from "./hub/hostile.ts";
import { askPages } from "./hub/pages.ts";
import { watchDelays } from "./hub/viewer.ts";
import { type HubWorld, createHubWorld } from "./hub/world.ts";
import { quantile, reporter } from "./report.ts";

const SENDERS = 4;
const AGENTS = 2_000;
const ROUNDS = 3;
const ROUND_SECONDS = 8;
const LIVE_SECONDS = 20;
const LIVE_EVERY_MS = 20;
const SETTLE_MS = 15_000;
const RETURN_MS = 60_000;

const { values } = parseArgs({ options: { json: { type: "boolean" }, minutes: { type: "string", default: "5" } } });
const minutes = Number(values.minutes);
const report = reporter(process.argv.slice(2));
const world = await createHubWorld(SENDERS + AGENTS + HOSTILE_HOSTS);
const { hosts } = world;
const fleet = startFleet();
try {
  await fleet.connect({ url: world.url, hosts: hosts.slice(0, SENDERS), seed: 1 });
  await throughput("a few agents", world, fleet);
  await world.restart();
  await connectIdle();
  const recordsPerSecond = await throughput(`${AGENTS} agents connected`, world, fleet);
  await live(recordsPerSecond / 2);
  await emptySeries();
  await pause(SETTLE_MS); // what the load left to sum up would be part of both sides' waits
  await measureHostile(world, fleet, report, { hosts: hosts.slice(SENDERS + AGENTS), neighbour: SENDERS + 1 });
  await memory();
  await comeBack();
} finally {
  await fleet.stop();
  await world.close();
}

/** Rounds of bare COPY and of the hub in turn, of which the first warms both up; the median of each. */
async function throughput(name: string, { database }: HubWorld, { flood }: Fleet): Promise<number> {
  const rounds: { bare: number; hub: number; delays: readonly number[] }[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    await emptySeries();
    const bare = await bareCopy(database, ROUND_SECONDS);
    await emptySeries();
    const { records, seconds, delays } = await flood({ senders: SENDERS, seconds: ROUND_SECONDS, recordsPerSecond: null });
    if (round > 0) rounds.push({ bare, hub: records / seconds, delays });
  }
  const median = (pick: (round: (typeof rounds)[number]) => number): number => quantile(rounds.map(pick), 0.5);
  report({
    name: `flow records a second, ${name}: socket, check, COPY, commit, acknowledgement`,
    value: median((round) => round.hub),
    unit: "/s",
    peer: "bare COPY of the same rows, one connection",
    peerValue: median((round) => round.bare),
    bar: { atLeast: 0.6 },
  });
  return median((round) => round.hub);
}

/** Rows of earlier rounds would cost the later ones their checkpoints. */
async function emptySeries(): Promise<void> {
  await world.database.query("TRUNCATE flow_records");
  await world.database.query("CHECKPOINT");
}

/** The second half is measured: with the first the hub also takes what it keeps for any rush, such as room for young objects. */
async function connectIdle(): Promise<void> {
  await settledFleet(2 * SENDERS);
  await pause(SETTLE_MS);
  const halfway = SENDERS + AGENTS / 2;
  const none = world.hubRss();
  await fleet.connect({ url: world.url, hosts: hosts.slice(SENDERS, halfway), seed: 2 });
  await pause(SETTLE_MS);
  const half = world.hubRss();
  await fleet.connect({ url: world.url, hosts: hosts.slice(halfway, SENDERS + AGENTS), seed: 3 });
  await pause(SETTLE_MS);
  const all = world.hubRss();
  const each = (bytes: number): number => bytes / (AGENTS / 2) / 1000;
  report({
    name: `hub memory per idle agent, from ${AGENTS / 2} to ${AGENTS} connected`,
    value: each(all - half),
    unit: "kB",
    peer: `the first ${AGENTS / 2}`,
    peerValue: each(half - none),
    bar: { valueAtMost: 40 },
  });
}

async function live(recordsPerSecond: number): Promise<void> {
  const cookie = await world.signIn();
  const beating = SENDERS;
  for (const load of [0, recordsPerSecond]) {
    const { delays, stop } = await watchDelays(world.url, cookie, hosts[beating]!.hostId);
    const flooding = load === 0 ? null : fleet.flood({ senders: SENDERS, seconds: LIVE_SECONDS, recordsPerSecond: load });
    const acknowledged = await fleet.beat({ agent: beating, seconds: LIVE_SECONDS, everyMs: LIVE_EVERY_MS });
    const flooded = await flooding;
    stop();
    const sent = acknowledged.length;
    if (delays.length < sent * 0.99) throw new Error(`only ${delays.length} of ${sent} batches came to the browser`);
    const reached = flooded ? flooded.records / flooded.seconds : 0;
    report({
      name: `agent's send to a browser's socket, p99, at ${Math.round(reached)} flow records a second`,
      value: quantile(delays, 0.99),
      unit: "ms",
      peer: "most it may be",
      peerValue: 50,
      bar: { atMost: 1 },
    });
  }
}

/** The whole load without a pause; resident memory in the last fifth beside that in the second. */
async function memory(): Promise<void> {
  const samples: number[] = [];
  const sampling = setInterval(() => samples.push(world.hubRss()), 500);
  const end = performance.now() + minutes * 60_000;
  let records = 0;
  while (performance.now() < end) {
    const seconds = Math.min(30, (end - performance.now()) / 1000);
    records += (await fleet.flood({ senders: SENDERS, seconds, recordsPerSecond: null })).records;
    await world.database.query("TRUNCATE flow_records");
  }
  clearInterval(sampling);
  const part = (from: number, to: number): number => quantile(samples.slice(from * samples.length, to * samples.length), 0.5) / 1e6;
  report({
    name: `hub memory late in ${minutes} min under ${Math.round(records / (minutes * 60))} flow records a second, ${AGENTS} agents`,
    value: part(0.8, 1),
    unit: "MB",
    peer: "early in it",
    peerValue: part(0.2, 0.4),
    bar: { atMost: 1.1 },
  });
}

/** Kills the hub, and waits for every agent's hello while pages are asked for. */
async function comeBack(): Promise<void> {
  const cookie = await world.signIn();
  const greeted = await fleet.greeted();
  const killed = performance.now();
  await world.restart();
  const pages = askPages(world.url, cookie);
  await settledFleet(greeted + SENDERS + AGENTS);
  const back = performance.now() - killed;
  const took = await pages.stop();
  report({
    name: `${AGENTS} agents back after the hub was killed`,
    value: back / 1000,
    unit: "s",
    peer: "most it may be",
    peerValue: RETURN_MS / 1000,
    bar: { atMost: 1 },
  });
  report({
    name: `a page meanwhile, p95 of ${took.length}`,
    value: quantile(took, 0.95),
    unit: "ms",
    peer: "most it may be",
    peerValue: 1000,
    bar: { atMost: 1 },
  });
}

/** Waits until so many hellos were answered since the fleet began. */
async function settledFleet(hellos: number): Promise<void> {
  const deadline = performance.now() + 2 * RETURN_MS;
  while ((await fleet.greeted()) < hellos) {
    if (performance.now() > deadline) throw new Error(`only ${await fleet.greeted()} of ${hellos} hellos were answered`);
    await pause(50);
  }
}
