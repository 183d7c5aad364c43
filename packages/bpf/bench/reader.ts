/**
 * Records per CPU-second of the reader while tcpreplay floods a veth at N = 1 and snaplen 128; beside it
 * tcpdump, capturing the same flood to /dev/null. One JSON object a line; exit 1 when a bar is missed.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import { openEngine } from "../src/index.ts";
import { decodeCounters } from "../test/support/decode.ts";
import { ether, ipv4, udp } from "../test/support/frames.ts";
import { Wire } from "../test/support/netns.ts";

const LOOPS = Number(process.env["SONDE_BENCH_LOOPS"] ?? 1500);
const FRAMES = Array.from({ length: 1000 }, (_, i) =>
  ether(0x0800, ipv4({ proto: 17, payload: udp({ sport: i, payload: Buffer.alloc(258) }) })),
);
const SNAPLEN = 128;

type Measured = { readonly taken: number; readonly lost: number; readonly cpuSeconds: number; readonly wallSeconds: number };

/** Time on a CPU in seconds, from a schedstat file: exact, where utime is sampled by the tick. */
const cpuSeconds = (path: string): number => Number(readFileSync(path, "utf8").split(" ")[0]) / 1e9;

const tasks = (pid: number | "self"): string[] => readdirSync(`/proc/${pid}/task`).map((tid) => `/proc/${pid}/task/${tid}`);
const processSeconds = (pid: number | "self"): number => tasks(pid).reduce((sum, task) => sum + cpuSeconds(`${task}/schedstat`), 0);

function readerSeconds(): number {
  const found = tasks("self").find((task) => readFileSync(`${task}/comm`, "utf8").trim() === "sonde-reader");
  if (!found) throw new Error("the reader thread is not running");
  return cpuSeconds(`${found}/schedstat`);
}

const flood = (wire: Wire): Promise<void> => wire.sendInLater(FRAMES, "-K", "--topspeed", `--loop=${LOOPS}`);

async function sonde(wire: Wire): Promise<{ thread: Measured; process: Measured }> {
  const engine = openEngine({ snaplen: SNAPLEN });
  engine.attach(wire.ifindex, "tcx");
  let records = 0;
  engine.start((_batch, count) => (records += count));
  const begin = { reader: readerSeconds(), all: processSeconds("self"), wall: performance.now() };
  await flood(wire);
  const wallSeconds = (performance.now() - begin.wall) / 1000;
  const reader = readerSeconds() - begin.reader;
  const all = processSeconds("self") - begin.all;
  await engine.stop();
  const row = decodeCounters(engine.readCounters()).find((r) => r.direction === 1);
  await engine.close();
  const base = { taken: records, lost: row?.ringLost ?? 0, wallSeconds };
  return { thread: { ...base, cpuSeconds: reader }, process: { ...base, cpuSeconds: all } };
}

async function tcpdump(wire: Wire): Promise<Measured> {
  const args = ["-i", wire.local, "-n", "-s", String(SNAPLEN), "-B", "8192", "-Q", "in", "-w", "/dev/null"];
  const child = spawn("tcpdump", args, { stdio: ["ignore", "ignore", "pipe"] });
  let words = "";
  child.stderr.on("data", (chunk: Buffer) => (words += chunk.toString()));
  while (!words.includes("listening on")) await once(child.stderr, "data");
  const begin = performance.now();
  await flood(wire);
  const wallSeconds = (performance.now() - begin) / 1000;
  const cpu = processSeconds(child.pid ?? 0);
  child.kill("SIGINT");
  await once(child, "close");
  const count = (what: string): number => Number(new RegExp(`(\\d+) packets ${what}`).exec(words)?.[1] ?? 0);
  return { taken: count("captured"), lost: count("dropped by kernel"), cpuSeconds: cpu, wallSeconds };
}

const perCpuSecond = (m: Measured): number => Math.round(m.taken / m.cpuSeconds);

function line(name: string, ours: Measured, peer: Measured, bar: number): boolean {
  const [value, peerValue] = [perCpuSecond(ours), perCpuSecond(peer)];
  const ratio = Math.round((value / peerValue) * 100) / 100;
  const ok = ratio >= bar;
  const detail = { lost: ours.lost, peerLost: peer.lost, wireRate: Math.round((FRAMES.length * LOOPS) / ours.wallSeconds) };
  console.log(JSON.stringify({ name, value, unit: "records/cpu-s", peer: "tcpdump -w /dev/null", peerValue, ratio, bar, ok, ...detail }));
  return ok;
}

using wire = new Wire();
const peer = await tcpdump(wire);
const ours = await sonde(wire);
const passed = [line("reader thread", ours.thread, peer, 0.8), line("reader thread and JavaScript", ours.process, peer, 0.4)];
if (passed.includes(false)) process.exitCode = 1;
