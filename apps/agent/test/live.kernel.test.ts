import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { ether, ipv4, tcp, udp } from "../../../packages/bpf/test/support/frames.ts";
import { pcapFile } from "../../../test/support/frames.ts";
import { gated, needs } from "../../../test/support/needs.ts";
import { createLab, type Lab } from "../../../test/support/netns.ts";
import { bin, openFolder } from "./built.ts";

const attachments = fileURLToPath(new URL("../../../packages/bpf/build/attachments", import.meta.url));
const gate = gated(needs.namespaces, needs.btf, needs.tcx, needs.busybox, needs.tcpdump, needs.tcpreplay);
const folder = openFolder();
const started: ChildProcess[] = [];
let lab: Lab;

/** Starts a command in the host's namespace; what a failed test leaves is ended after it. */
function start(...command: readonly string[]) {
  const [file = "", ...rest] = lab.inside("host", command);
  const child = spawn(file, rest, { stdio: ["ignore", "pipe", "pipe"] });
  started.push(child);
  return child;
}

type Live = {
  readonly child: ChildProcess;
  readonly lines: () => string[];
  readonly said: () => string;
  readonly exited: Promise<number | null>;
};

async function live(...args: readonly string[]): Promise<Live> {
  const child = start(process.execPath, bin, "live", ...args);
  const text = { out: "", error: "" };
  child.stdout.setEncoding("utf8").on("data", (part: string) => (text.out += part));
  child.stderr.setEncoding("utf8").on("data", (part: string) => (text.error += part));
  const exited = new Promise<number | null>((resolve) => child.on("close", resolve));
  await vi.waitFor(() => expect(text.error).toContain("watching veth0 by tcx"), { timeout: 20_000, interval: 20 });
  return { child, lines: () => text.out.split("\n").filter(Boolean), said: () => text.error, exited };
}

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 20 });
/** Names of the programs on veth0, as the kernel tells. */
const attached = (): string => lab.run("host", [attachments, "veth0"]).trim();
const filter = "tcp or udp dst port 9999";
/** Every fourth is none that the filter takes. */
function flood(i: number): Buffer {
  const sport = 40_000 + (i % 10_000); // of no protocol that tcpdump dissects
  const payload = Buffer.alloc(i % 300, 0x61);
  if (i % 4 === 3) return ether(0x0800, ipv4({ proto: 17, payload: udp({ sport, dport: 9998, payload }) }));
  if (i % 4 === 2) return ether(0x0800, ipv4({ proto: 17, payload: udp({ sport, dport: 9999, payload }) }));
  return ether(0x0800, ipv4({ proto: 6, payload: tcp({ sport, dport: 9999, flags: i % 4 === 1 ? 0x18 : 0x02, payload }) }));
}

const ping = (count: number): string => lab.run("host", ["busybox", "ping", "-c", String(count), "-W", "2", "198.19.1.2"]);

describe.skipIf(gate.skip)(gate.name("sonde-agent live"), () => {
  beforeAll(() => {
    lab = createLab(["host", "away"]);
    lab.link({ ns: "host", name: "veth0", address: "198.19.1.1/30" }, { ns: "away", name: "far0", address: "198.19.1.2/30" });
  });
  afterAll(() => {
    lab.close();
    folder.close();
  });

  afterEach(() => {
    for (const child of started.splice(0)) child.kill("SIGKILL");
  });

  it("prints what matches, beside others that watch, and the counts at the end", async () => {
    const all = await live("-i", "veth0");
    const one = await live("-i", "veth0", "icmp[0]", "=", "8");
    ping(3);
    await vi.waitFor(() => expect(one.lines()).toHaveLength(3), { timeout: 20_000, interval: 20 });
    for (const each of [one, all]) each.child.kill("SIGINT");
    expect(await Promise.all([one.exited, all.exited])).toEqual([0, 0]);
    expect(one.lines()[0]).toMatch(
      /^\d\d:\d\d:\d\d\.\d{6} veth0 Out IP 198\.19\.1\.1 > 198\.19\.1\.2: ICMP, type 8, code 0, frame length 98$/,
    );
    expect(one.said()).toContain("3 packets captured\n3 packets received by filter\n0 packets dropped by kernel\n");
    expect(all.lines().filter((line) => line.includes("ICMP, type"))).toHaveLength(6);
    expect(all.said()).toContain(`${all.lines().length} packets captured\n`);
  });

  it("prints what a tunnel carries, where tcpdump would", async () => {
    for (const [ns, own, other] of [
      ["host", 1, 2],
      ["away", 2, 1],
    ] as const) {
      const vxlan = ["type", "vxlan", "id", "42", "local", `198.19.1.${own}`, "remote", `198.19.1.${other}`, "dstport", "4789"];
      lab.run(ns, ["ip", "link", "add", "vxlan0", ...vxlan]);
      lab.run(ns, ["ip", "address", "add", `198.18.7.${own}/24`, "dev", "vxlan0"]);
      lab.run(ns, ["ip", "link", "set", "vxlan0", "up"]);
    }
    const tunnelled = await live("-i", "veth0", "udp", "port", "4789");
    lab.run("host", ["busybox", "ping", "-c", "1", "-W", "2", "198.18.7.2"]);
    const echoes = (): string[] => tunnelled.lines().filter((line) => line.includes("ICMP, type"));
    await vi.waitFor(() => expect(echoes()).toHaveLength(2), { timeout: 20_000, interval: 20 });
    tunnelled.child.kill("SIGINT");
    await tunnelled.exited;
    const [request = "", reply = ""] = echoes();
    expect(request).toMatch(
      /veth0 Out IP 198\.19\.1\.1\.\d+ > 198\.19\.1\.2\.4789: VXLAN, flags \[I\] \(0x08\), vni 42: IP 198\.18\.7\.1 > 198\.18\.7\.2: ICMP, type 8, code 0, frame length 148$/,
    );
    expect(reply).toMatch(/ In  IP .* vni 42: IP 198\.18\.7\.2 > 198\.18\.7\.1: ICMP, type 0, code 0, frame length 148$/);
  });

  it("prints each packet of a flood as tcpdump does, and leaves nothing attached", async () => {
    const pcap = folder.path("theirs.pcap");
    const sent = Array.from({ length: 5_000 }, (_, i) => flood(i));
    const matching = sent.filter((_, i) => i % 4 !== 3).length;
    const theirs = start("tcpdump", "-Z", "root", "-i", "veth0", "-B", "32768", "-c", String(matching), "-w", pcap, filter);
    const theirEnd = new Promise((resolve) => theirs.on("close", resolve));
    let said = "";
    theirs.stderr.setEncoding("utf8").on("data", (part: string) => (said += part));
    await until(() => expect(said).toContain("listening on veth0"));
    const ours = await live("-i", "veth0", filter);
    lab.run("away", ["tcpreplay", "-q", "-K", "--pps=20000", "-i", "far0", folder.write("flood.pcap", pcapFile(sent))]);
    await until(() => expect(ours.lines()).toHaveLength(matching));
    ours.child.kill("SIGINT");
    expect([await ours.exited, await theirEnd]).toEqual([0, 0]);
    expect(said).toContain(`${matching} packets captured`);
    expect(ours.said()).toContain(`${matching} packets captured\n${matching} packets received by filter\n0 packets dropped by kernel\n`);
    // Ours begin with time, interface and direction.
    expect(new Set(ours.lines().map((line) => line.slice(line.indexOf(" "), line.indexOf("IP"))))).toEqual(new Set([" veth0 In  "]));
    const text = lab.run("host", ["tcpdump", "-n", "-t", "-S", "-r", pcap], { maxBuffer: 1 << 26 });
    expect(ours.lines().map((line) => line.slice(line.indexOf("IP")))).toEqual(text.trimEnd().split("\n"));
    expect(attached()).toBe("");
  });

  it.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)("%s leaves nothing attached, though nobody reads what it prints", async (signal) => {
    const child = start(process.execPath, bin, "live", "-i", "veth0", filter);
    const exited = new Promise((resolve) => child.on("exit", (code, by) => resolve(by ?? code)));
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (part: string) => (said += part));
    await until(() => expect(said).toContain("watching veth0 by tcx"));
    expect(attached()).not.toBe("");
    const pcap = folder.write("unread.pcap", pcapFile(Array.from({ length: 4_000 }, (_, i) => flood(4 * i))));
    lab.run("away", ["tcpreplay", "-q", "-K", "--pps=20000", "-i", "far0", pcap]);
    child.kill(signal);
    if (signal !== "SIGKILL") {
      await until(() => expect(said).toContain("4000 packets captured\n"));
      expect(attached()).toBe("");
      child.kill(signal); // the pipe still holds what nobody read
    }
    expect(await exited).toBe(signal === "SIGKILL" ? "SIGKILL" : 0);
    await until(() => expect(attached()).toBe(""));
  });

  it("does not pile up what nobody reads, and says how much that was", async () => {
    const child = start(process.execPath, bin, "live", "-i", "veth0", filter);
    const closed = new Promise((resolve) => child.on("close", resolve));
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (part: string) => (said += part));
    await until(() => expect(said).toContain("watching veth0 by tcx"));
    const pcap = folder.write("pile.pcap", pcapFile(Array.from({ length: 4_000 }, (_, i) => flood(4 * i))));
    lab.run("away", ["tcpreplay", "-q", "-K", "--pps=60000", "--loop=40", "-i", "far0", pcap]);
    child.kill("SIGINT");
    const count = (words: string): number => Number(new RegExp(`^(\\d+) packets ${words}`, "m").exec(said)?.[1] ?? "0");
    await until(() => expect(said).toContain("captured but not printed"));
    expect(count("received by filter")).toBe(160_000);
    expect(count("captured$") + count("dropped by kernel")).toBe(160_000);
    let lines = 0;
    child.stdout.on("data", (part: Buffer) => (lines += part.toString("latin1").split("\n").length - 1));
    expect(await closed).toBe(0);
    expect(lines).toBe(count("captured$") - count("captured but not printed"));
  });

  it("ends with the one who read it", async () => {
    const shell = start("sh", "-c", '"$@" | head -n 1', "sh", process.execPath, bin, "live", "-i", "veth0", "icmp");
    const exited = new Promise((resolve) => shell.on("close", resolve));
    let said = "";
    shell.stderr.setEncoding("utf8").on("data", (part: string) => (said += part));
    await until(() => expect(said).toContain("watching veth0 by tcx"));
    ping(3);
    expect(await exited).toBe(0);
    expect(attached()).toBe("");
  });

  it("ends by itself after so many packets", async () => {
    const two = await live("-c", "2", "icmp");
    ping(2);
    expect(await two.exited).toBe(0);
    expect(two.lines()).toHaveLength(2);
  });

  it.each([
    ["an expression that is none", ["tcp", "prot", "80"], 1, /\^/],
    ["an interface that is none", ["-i", "nope0"], 2, /no interface nope0/],
  ])("says what is wrong with %s", (_name, args, status, words) => {
    const result = spawnSync(process.execPath, [bin, "live", ...args], { encoding: "utf8" });
    expect(result.status).toBe(status);
    expect(result.stderr).toMatch(words);
  });
});
