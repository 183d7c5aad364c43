import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Engine } from "../../../packages/bpf/src/index.ts";
import { decodeCounters } from "../../../packages/bpf/test/support/decode.ts";
import { Wire } from "../../../packages/bpf/test/support/netns.ts";
import { openCounting } from "./counting.ts";
import { SNAPLEN, flood, machineSeconds, processSeconds, readerSeconds, warmUp } from "./flood.ts";
import { type Limit, openLimit } from "./limit.ts";

/** One capture of the flood: records taken and lost, CPU time of the thread or process and of the whole machine. */
export type Measured = { readonly taken: number; readonly lost: number; readonly cpuSeconds: number; readonly machineSeconds: number };
export type Round = Record<"tcpdump" | "thread" | "process" | "walk" | "copy", Measured>;

/** Engine and reader with every packet emitted at snaplen 128: the reader thread alone, and the process with its JavaScript. */
async function sonde(wire: Wire): Promise<{ thread: Measured; process: Measured }> {
  const { engine, taken } = openCounting(wire);
  await warmUp(wire);
  const before = { records: taken(), lost: lostOf(engine) };
  const sent = flood(wire);
  const begin = { reader: readerSeconds(), all: processSeconds("self"), machine: machineSeconds() };
  await sent;
  const reader = readerSeconds() - begin.reader;
  const all = processSeconds("self") - begin.all;
  const machine = machineSeconds() - begin.machine;
  await engine.stop();
  const base = { taken: taken() - before.records, lost: lostOf(engine) - before.lost, machineSeconds: machine };
  await engine.close();
  return { thread: { ...base, cpuSeconds: reader }, process: { ...base, cpuSeconds: all } };
}

const lostOf = (engine: Engine): number => decodeCounters(engine.readCounters()).find((row) => row.direction === 1)?.ringLost ?? 0;

/** `tcpdump -w /dev/null` with the same snaplen and as large a buffer. */
async function tcpdump(wire: Wire): Promise<Measured> {
  const args = ["-i", wire.local, "-n", "-s", String(SNAPLEN), "-B", "8192", "-Q", "in", "-w", "/dev/null"];
  const child = spawn("tcpdump", args, { stdio: ["ignore", "ignore", "pipe"] });
  let words = "";
  child.stderr.on("data", (chunk: Buffer) => (words += chunk.toString()));
  while (!words.includes("listening on")) await once(child.stderr, "data");
  const pid = child.pid ?? 0;
  const sent = flood(wire);
  const begin = { own: processSeconds(pid), machine: machineSeconds() };
  await sent;
  const measured = { cpuSeconds: processSeconds(pid) - begin.own, machineSeconds: machineSeconds() - begin.machine };
  child.kill("SIGINT");
  await once(child, "close");
  const count = (what: string): number => Number(new RegExp(`(\\d+) packets ${what}`).exec(words)?.[1] ?? 0);
  return { taken: count("captured"), lost: count("dropped by kernel"), ...measured };
}

async function bare(limit: Limit, wire: Wire, mode: "walk" | "copy"): Promise<Measured> {
  const begin = machineSeconds();
  const { taken, cpuSeconds } = await limit.run(wire, mode);
  return { taken, cpuSeconds, lost: 0, machineSeconds: machineSeconds() - begin };
}

/** Lets tcpdump, the addon and the bare loops take the same flood of 6 million frames over one veth, in turn, `rounds` times. */
export async function measureReaders(rounds: number): Promise<Round[]> {
  using wire = new Wire();
  using limit = openLimit();
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    const peer = await tcpdump(wire);
    measured.push({
      tcpdump: peer,
      ...(await sonde(wire)),
      walk: await bare(limit, wire, "walk"),
      copy: await bare(limit, wire, "copy"),
    });
  }
  return measured;
}

/** Records taken in one second of CPU time. */
export const perCpuSecond = (measured: Measured): number => Math.round(measured.taken / measured.cpuSeconds);
