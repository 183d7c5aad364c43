/*
 * Time from a packet on the wire to its row in the browser, beside the bare limit: the same sender's
 * message over one Socket.IO connection straight into the same browser. Then the agent's memory under
 * a flood of a minute, beside its memory at rest; and the addon's records a second beside tcpdump's.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import type { Page } from "playwright-core";
import { startBrowser } from "../support/browser.ts";
import { framesOf, knownMix, pcapFile } from "../support/frames.ts";
import { type Agent, createWorld } from "../support/world.ts";
import { measureReaders, perCpuSecond } from "./reader/measure.ts";
import { quantile, reporter } from "./report.ts";

const report = reporter(process.argv.slice(2));
const SAMPLES = 400;
const FLOOD_SECONDS = 60;

/**
 * Runs in the page: `shown[port]` is the wall clock, ms, at which the text with that port first stood
 * there. Text, because the runner's compiler would put helpers into a function that the page lacks.
 */
const watchRows = `
  window.shown = {};
  new MutationObserver(() => {
    for (const [, port] of document.body.textContent.matchAll(/(?:10\\.77\\.0\\.2:|message )(3\\d{4})/g)) {
      window.shown[port] ??= performance.timeOrigin + performance.now();
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
  undefined`;

const world = await createWorld();
try {
  const agent = await world.agentOn("b");
  const { browser, close } = await startBrowser(world.lab.inside("a", []));
  try {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1440, height: 900 } });
    const bare = await bareLatency(await context.newPage());
    const ours = await ourLatency(await context.newPage());
    for (const [name, q] of [
      ["median", 0.5],
      ["p99", 0.99],
    ] as const) {
      report({
        name: `wire to row, ${name}`,
        value: quantile(ours, q),
        unit: "ms",
        peer: "bare socket to row",
        peerValue: quantile(bare, q),
      });
    }
  } finally {
    await close();
  }
  await memory(agent);
} finally {
  await world.close();
}
const [readers] = await measureReaders(1);
report({
  name: "the addon's records a second on one core",
  value: readers ? perCpuSecond(readers.process) : Number.NaN,
  unit: "/s",
  peer: "tcpdump -w /dev/null -s 128",
  peerValue: readers ? perCpuSecond(readers.tcpdump) : Number.NaN,
});

/** Signs in by link and opens the one host's page, then measures UDP packets until their rows are there. */
async function ourLatency(page: Page): Promise<number[]> {
  await page.goto(await world.hub.admin("admin-link"));
  await page.getByRole("button", { name: "Sign in to this hub" }).click();
  await page.getByRole("link", { name: "Not now" }).click();
  await page.getByRole("grid", { name: "Hosts" }).getByRole("row", { name: /Live/ }).click();
  await page.getByRole("grid", { name: "Packets" }).waitFor();
  return measure(page, "udp");
}

/** The same sender, a Socket.IO server of its own and a page that shows each message in the next frame. */
async function bareLatency(page: Page): Promise<number[]> {
  return measure(page, "bare");
}

/**
 * Lets the sender in namespace a send numbered packets or messages, notes when "10.77.0.2:PORT" or
 * "message PORT" first stands in the page, and answers with the differences in ms. Both read the
 * machine's one clock.
 */
async function measure(page: Page, kind: "udp" | "bare"): Promise<number[]> {
  const [file = "", ...args] = world.lab.inside("a", [
    process.execPath,
    "--import",
    "tsx",
    join(import.meta.dirname, "latency/sender.ts"),
    kind,
    String(SAMPLES),
  ]);
  const sender = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: sender.stdout })[Symbol.asyncIterator]();
  const url = (await lines.next()).value as string;
  if (kind === "bare") await page.goto(url);
  await page.evaluate(watchRows);
  sender.stdin.write("go\n");
  const sent = JSON.parse((await lines.next()).value as string) as [port: number, at: number][];
  const shown = new Map(Object.entries(await page.evaluate<Record<string, number>>("window.shown")));
  sender.stdin.end("end\n");
  await once(sender, "exit");
  const delays = sent.flatMap(([port, at]) => {
    const seen = shown.get(String(port));
    return seen === undefined ? [] : [seen - at];
  });
  if (delays.length < SAMPLES * 0.99) throw new Error(`only ${delays.length} of ${SAMPLES} were seen in the page (${kind})`);
  return delays;
}

/** Floods the bare wire with small frames and reads the agent's resident memory before and after a minute. */
async function memory(agent: Agent): Promise<void> {
  const rest = residentKb(agent.child.pid);
  const frames = Array.from({ length: 40 }, (_, round) => framesOf(knownMix(round % 20))).flat();
  const pcap = join(world.folder, "flood.pcap");
  writeFileSync(pcap, pcapFile(frames));
  const [file = "", ...args] = world.lab.inside("a", [
    "timeout",
    "-s",
    "INT",
    String(FLOOD_SECONDS),
    "tcpreplay",
    "-q",
    "-K",
    "--topspeed",
    "--loop=0",
    "-i",
    "wire0",
    pcap,
  ]);
  const cpuBefore = cpuSeconds(agent.child.pid);
  const flood = spawn(file, args, { stdio: "ignore" });
  await once(flood, "exit");
  const cpu = cpuSeconds(agent.child.pid) - cpuBefore;
  const after = residentKb(agent.child.pid);
  const { delivered, seen, lost, queue, stored, refused } = await settledLedger();
  report({ name: "agent memory after a minute's flood", value: after / 1024, unit: "MiB", peer: "at rest", peerValue: rest / 1024 });
  report({
    name: "records a second through the whole agent",
    value: delivered / FLOOD_SECONDS,
    unit: "/s",
    peer: "frames on the wire",
    peerValue: seen / FLOOD_SECONDS,
  });
  report({
    name: "records per agent CPU-second",
    value: delivered / cpu,
    unit: "/s",
    peer: "frames on the wire a second",
    peerValue: seen / FLOOD_SECONDS,
  });
  console.error(
    `flood: seen ${seen}, delivered ${delivered}, lost in ring ${lost}, lost in queue ${queue}, stored ${stored}, refused ${refused}; the ledger balances`,
  );
}

type Sums = Record<"seen" | "unmatched" | "sampled" | "lost" | "unread" | "delivered" | "queue" | "stored" | "refused", number>;

/** The agent's ledger once both its equations hold (SPEC 6); throws when they do not within 30 s of quiet. */
async function settledLedger(): Promise<Sums> {
  for (const deadline = Date.now() + 30_000; ; await pause(200)) {
    const { rows } = await world.database.query(
      `SELECT seen::float8, unmatched::float8, sampled_out::float8 AS sampled, ring_lost::float8 AS lost, no_reader::float8 AS unread, delivered::float8,
              queue_lost::float8 AS queue, stored::float8, refused::float8 FROM agent_stream`,
    );
    const sums = rows[0] as Sums;
    const kernel = sums.seen - sums.unmatched - sums.sampled - sums.lost - sums.unread - sums.delivered;
    const agent = sums.delivered - sums.queue - sums.stored - sums.refused;
    if (kernel === 0 && agent === 0) return sums;
    if (Date.now() > deadline) throw new Error(`the ledger is off by ${kernel} in the kernel, ${agent} after it`);
  }
}

/** Resident memory of a process in KiB (proc_pid_status(5)). */
function residentKb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

/** User and system time of a process, from fields 14 and 15 of /proc/PID/stat in ticks of 10 ms. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
