import { readFileSync, readdirSync } from "node:fs";
import { ether, ipv4, udp } from "../../../packages/bpf/test/support/frames.ts";
import type { Wire } from "../../../packages/bpf/test/support/netns.ts";

export const SNAPLEN = 128;
/** Some ten seconds: what a process does only once at its start weighs little. */
const LOOPS = 6000;
const WARM_UP_LOOPS = 300;
const FRAMES = Array.from({ length: 1000 }, (_, i) =>
  ether(0x0800, ipv4({ proto: 17, payload: udp({ sport: i, payload: Buffer.alloc(258) }) })),
);

/** 6 million frames into the wire's local end, as fast as tcpreplay sends them. Its process runs when this returns. */
export const flood = (wire: Wire): Promise<void> => send(wire, LOOPS);
/** A shorter one, after which a process that stays has its memory and its code at hand. */
export const warmUp = (wire: Wire): Promise<void> => send(wire, WARM_UP_LOOPS);

const send = (wire: Wire, loops: number): Promise<void> => wire.sendInLater(FRAMES, "-K", "--topspeed", `--loop=${loops}`);

const tasks = (pid: number | "self"): string[] => readdirSync(`/proc/${pid}/task`).map((tid) => `/proc/${pid}/task/${tid}`);
/** Time on a CPU in seconds, from a schedstat file: exact, where utime is sampled by the tick. */
const onCpu = (task: string): number => Number(readFileSync(`${task}/schedstat`, "utf8").split(" ")[0]) / 1e9;

/** CPU time of all threads of a process, seconds. */
export const processSeconds = (pid: number | "self"): number => tasks(pid).reduce((sum, task) => sum + onCpu(task), 0);

/** CPU time of this process's reader thread, seconds. */
export function readerSeconds(): number {
  const found = tasks("self").find((task) => readFileSync(`${task}/comm`, "utf8").trim() === "sonde-reader");
  if (!found) throw new Error("the reader thread is not running");
  return onCpu(found);
}

/** CPU time of the whole machine, interrupts included, seconds; by the tick (man 5 proc, /proc/stat; USER_HZ is 100). */
export function machineSeconds(): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = (/^cpu +(.*)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1] ?? "")
    .split(" ")
    .map(Number);
  return (user + nice + system + irq + softirq) / 100;
}
