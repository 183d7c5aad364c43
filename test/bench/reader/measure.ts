import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import { openEngine } from "../../../packages/bpf/src/index.ts";
import { decodeCounters } from "../../../packages/bpf/test/support/decode.ts";
import { ether, ipv4, udp } from "../../../packages/bpf/test/support/frames.ts";
import { Wire } from "../../../packages/bpf/test/support/netns.ts";

const LOOPS = 1500;
const FRAMES = Array.from({ length: 1000 }, (_, i) =>
  ether(0x0800, ipv4({ proto: 17, payload: udp({ sport: i, payload: Buffer.alloc(258) }) })),
);
const SNAPLEN = 128;

/** One capture of the flood: records taken and lost, CPU time of the thread or process, and time on the wall. */
export type Measured = { readonly taken: number; readonly lost: number; readonly cpuSeconds: number; readonly wallSeconds: number };

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

/** Engine and reader with every packet emitted at snaplen 128: the reader thread alone, and the process with its JavaScript. */
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

/** `tcpdump -w /dev/null` with the same snaplen and as large a buffer. */
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

/** Lets tcpdump and then the addon take the same flood of 1.5 million frames over one veth. */
export async function measureReaders(): Promise<{ tcpdump: Measured; thread: Measured; process: Measured }> {
  using wire = new Wire();
  return { tcpdump: await tcpdump(wire), ...(await sonde(wire)) };
}

/** Records taken in one second of CPU time. */
export const perCpuSecond = (measured: Measured): number => Math.round(measured.taken / measured.cpuSeconds);
