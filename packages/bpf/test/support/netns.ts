import { execFile, execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pcap } from "./frames.ts";

let serial = 0;

/** Why this machine cannot run kernel tests, or null. */
export function kernelMissing(): string | null {
  if (process.getuid?.() !== 0) return "needs root";
  for (const tool of ["ip", "nsenter", "tcpreplay"]) {
    if (spawnSync("sh", ["-c", `command -v ${tool}`]).status !== 0) return `needs ${tool}`;
  }
  return null;
}

/** A veth pair: `local` here, `peer` in a new namespace. Silent: no addresses, no IPv6, no ARP of its own. */
export class Wire {
  readonly ns: string;
  readonly local: string;
  readonly peer: string;
  readonly ifindex: number;
  readonly #folder = mkdtempSync(join(tmpdir(), "sonde-bpf-"));

  constructor() {
    const id = `${process.pid}x${serial++}`;
    this.ns = `sbn${id}`;
    this.local = `sbl${id}`;
    this.peer = `sbp${id}`;
    run("ip", "netns", "add", this.ns);
    run("ip", "link", "add", this.local, "type", "veth", "peer", "name", this.peer, "netns", this.ns);
    this.#silence([], this.local);
    this.#silence(this.enter, this.peer);
    this.ifindex = Number(this.stats().ifindex);
  }

  /** Prefix that runs a command in the namespace; ip netns exec would hide /sys/fs/bpf. */
  get enter(): string[] {
    return ["nsenter", `--net=/run/netns/${this.ns}`];
  }

  #silence(prefix: string[], name: string): void {
    run(...prefix, "sh", "-c", `echo 1 > /proc/sys/net/ipv6/conf/${name}/disable_ipv6`);
    run(...prefix, "ip", "link", "set", name, "arp", "off", "up");
  }

  /** Frames into the local end, from the peer. */
  sendIn(frames: readonly Buffer[], ...options: string[]): void {
    this.#replay(this.enter, this.peer, frames, options);
  }

  /** Frames out of the local end. */
  sendOut(frames: readonly Buffer[], ...options: string[]): void {
    this.#replay([], this.local, frames, options);
  }

  /** The same without blocking this process meanwhile. */
  async sendInLater(frames: readonly Buffer[], ...options: string[]): Promise<void> {
    const file = join(this.#folder, `${serial++}.pcap`);
    writeFileSync(file, pcap(frames));
    const [command, ...args] = [...this.enter, "tcpreplay", "-q", ...speed(options), "-i", this.peer, file];
    await promisify(execFile)(command, args);
  }

  #replay(prefix: string[], device: string, frames: readonly Buffer[], options: string[]): void {
    const file = join(this.#folder, `${serial++}.pcap`);
    writeFileSync(file, pcap(frames));
    run(...prefix, "tcpreplay", "-q", ...speed(options), "-i", device, file);
  }

  /** What `ip -s link` says of the local end. */
  stats(): { ifindex: number; rx: { packets: number; bytes: number }; tx: { packets: number; bytes: number } } {
    const [link] = JSON.parse(run("ip", "-s", "-j", "link", "show", "dev", this.local));
    return { ifindex: link.ifindex, rx: link.stats64.rx, tx: link.stats64.tx };
  }

  /** Names of the programs attached to the local end, as the kernel tells. */
  attachments(): string[] {
    return attachments(this.local);
  }

  [Symbol.dispose](): void {
    spawnSync("ip", ["link", "del", this.local]);
    spawnSync("ip", ["netns", "del", this.ns]);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const speed = (options: string[]): string[] => (options.length > 0 ? options : ["--topspeed"]);

/** Names of the programs attached to a device of this namespace by XDP and TCX, in that order. */
export function attachments(device: string): string[] {
  const tool = fileURLToPath(new URL("../../build/attachments", import.meta.url));
  return run(tool, device).split("\n").filter(Boolean);
}

/** Runs a command; throws with its error output unless it succeeds. */
export function run(...command: string[]): string {
  const [file = "", ...args] = command;
  return execFileSync(file, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 64 << 20 });
}

/** Waits for a condition; the deadline is only there to fail. */
export async function until(what: string, condition: () => boolean, deadlineMs = 10_000): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`never came true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
