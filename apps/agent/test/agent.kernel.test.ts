import { X509Certificate } from "node:crypto";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type FilterProgram, agentMessageSchema, viewOf } from "@sonde/protocol";
import type { Socket } from "socket.io";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { gated, needs } from "../../../test/support/needs.ts";
import { createLab, type Lab } from "../../../test/support/netns.ts";
import { writeCredential, prepareStateDir } from "../src/control/credential.ts";
import { pinOf } from "../src/uplink/pin.ts";
import { type Answer, type TestHub, makeCertificate, startHub } from "./hub.ts";
import { Seen } from "./seen.ts";

const bin = fileURLToPath(new URL("../bin/sonde-agent.mjs", import.meta.url));
const credential = "sonde_agent_0123456789abcdef";
/** A /30 of the benchmark range (RFC 2544) of this process's own, between the hub here and the agent there. */
const net = `198.18.${process.pid & 255}`;
let state: string;
const uplinkName = `sn${process.pid}`;
let lab: Lab;
let hub: TestHub;
let seen: Seen;

/** Every packet is in one class of either equation (SPEC 6.1, 6.5), on each interface and direction, now that the agent has stopped. */
function expectBalanced(): void {
  expect(seen.classed).toBe(seen.frames);
  expect(BigInt(seen.records)).toBe(seen.delivered);
  expect(seen.filtered).toBe(seen.delivered);
  expect([...seen.unaccounted].filter(([, counts]) => counts.some((count) => count !== 0n))).toEqual([]);
  expect(seen.flows).toBeGreaterThan(0);
}

function serve(socket: Socket): void {
  seen.socket = socket;
  socket.on("message", (input: unknown, answer: Answer) => {
    const message = agentMessageSchema.parse(input);
    if (message.type === "interfaces") seen.interfaces = message.interfaces;
    if (message.type === "status") seen.status = message;
    if (message.type === "hello" || message.type === "resume")
      answer({ ok: true, committed: { records: "0", counters: "0", flows: "0", filterCounters: "0" }, endpoints: [], window: 16 });
    else answer({ ok: true });
  });
  socket.on("batch", (bytes: Buffer, answer: Answer) => {
    seen.take(viewOf(bytes), Number(hub.url.port));
    answer({ ok: true });
  });
}

const started: ChildProcess[] = [];
type Running = { readonly child: ChildProcess; readonly log: () => string; readonly exited: Promise<number | null> };

function run(flags: readonly string[]): Running {
  seen = new Seen();
  const [file = "", ...args] = lab.inside("host", [process.execPath, bin, "run", "--state", state, ...flags]);
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"] });
  started.push(child);
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (log += text));
  return { child, log: () => log, exited: new Promise((resolve) => child.on("exit", resolve)) };
}

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 20 });
const ping = (address: string, count: number): string => lab.run("host", ["busybox", "ping", "-c", String(count), "-W", "2", address]);

const gate = gated(needs.namespaces, needs.btf, needs.tcx, needs.busybox, needs.openssl);

describe.skipIf(gate.skip)(gate.name("agent in a namespace"), () => {
  beforeAll(async () => {
    state = mkdtempSync("/tmp/sonde-agent-test-");
    lab = createLab(["host", "away"]);
    execFileSync("ip", ["link", "add", uplinkName, "type", "veth", "peer", "name", "eth0", "netns", lab.namespace("host")]);
    execFileSync("ip", ["address", "add", `${net}.1/30`, "dev", uplinkName]);
    execFileSync("ip", ["link", "set", uplinkName, "up"]);
    lab.run("host", ["ip", "address", "add", `${net}.2/30`, "dev", "eth0"]);
    lab.run("host", ["ip", "link", "set", "eth0", "up"]);
    const tls = makeCertificate();
    hub = await startHub({ tls, address: `${net}.1`, onAgent: serve });
    prepareStateDir(state);
    writeCredential(state, {
      version: 1,
      hub: hub.url.origin,
      pin: pinOf(new X509Certificate(tls.cert).raw),
      hostId: "6f1c1e54-6d2b-4f43-9a53-3d2f0d5f8a11",
      name: "test",
      credential,
      enrolledAt: new Date().toISOString(),
    });
  });
  afterEach(() => {
    for (const child of started.splice(0)) child.kill("SIGKILL"); // where a test failed before it ended its agent
  });
  afterAll(async () => {
    await hub.close();
    lab.close();
    spawnSync("ip", ["link", "del", uplinkName]);
    rmSync(state, { recursive: true });
  });

  it("counts to the packet, follows interfaces, hides its own connection and stops cleanly", async () => {
    const agent = run([]);
    await until(() => expect(agent.log()).toContain('"event":"ready"'));
    expect(seen.interfaces.map((each) => [each.name, each.hook]).toSorted(([a = ""], [b = ""]) => a.localeCompare(b))).toEqual([
      ["eth0", "tcx"],
      ["lo", "tcx"],
    ]);
    ping("127.0.0.1", 3);
    ping(`${net}.1`, 2);

    lab.run("host", ["ip", "link", "add", "late0", "type", "veth", "peer", "name", "late1"]);
    lab.run("host", ["ip", "link", "set", "late0", "up"]);
    await until(() => expect(seen.interfaces.find((each) => each.name === "late0")?.hook).toBe("tcx"));
    lab.run("host", ["ip", "link", "del", "late0"]);
    await until(() => expect(seen.interfaces.map((each) => each.name).sort()).toEqual(["eth0", "lo"]));

    agent.child.kill("SIGTERM");
    expect(await agent.exited).toBe(0);
    expect(agent.log()).toContain('"flushed":true');
    expect(agent.log()).not.toContain(credential);
    const indexOf = (name: string): number => seen.interfaces.find((each) => each.name === name)?.ifindex ?? 0;
    expect(seen.icmpIn.get(indexOf("lo"))).toBe(6n); // requests and replies
    expect(seen.icmpIn.get(indexOf("eth0"))).toBe(2n);
    expectBalanced();
    expect(seen.own).toBe(0);
  });

  it.each(["auto", "clsact", "socket"])("hook %s: counts on through a new name, down and up, a move and back", async (hook) => {
    const agent = run(["--hook", hook]);
    const expected = hook === "auto" ? "tcx" : hook;
    const is = (name: string, state: object): Promise<void> =>
      until(() => expect(seen.interfaces.find((each) => each.name === name)).toMatchObject(state));
    const host = (...command: string[]): string => lab.run("host", command);
    const away = (...command: string[]): string => lab.run("away", command);
    await until(() => expect(agent.log()).toContain('"event":"ready"'));
    host("ip", "link", "add", "veth0", "type", "veth", "peer", "name", "far0", "netns", lab.namespace("away"));
    const settle = (name: string): void => {
      host("ip", "address", "add", "198.19.0.1/30", "dev", name);
      host("ip", "link", "set", name, "up");
    };
    away("ip", "address", "add", "198.19.0.2/30", "dev", "far0");
    away("ip", "link", "set", "far0", "up");
    settle("veth0");
    await is("veth0", { hook: expected, up: true });
    ping("198.19.0.2", 2);
    host("ip", "link", "set", "veth0", "name", "lan0");
    await is("lan0", { hook: expected });
    host("ip", "link", "set", "lan0", "down");
    await is("lan0", { hook: expected, up: false });
    host("ip", "link", "set", "lan0", "up");
    await is("lan0", { hook: expected, up: true });
    ping("198.19.0.2", 3);

    host("ip", "link", "set", "lan0", "netns", lab.namespace("away"));
    await until(() => expect(seen.interfaces.map((each) => each.name)).not.toContain("lan0"));
    away("ip", "link", "set", "lan0", "netns", `/run/netns/${lab.namespace("host")}`);
    settle("lan0");
    await is("lan0", { hook: expected, up: true });
    ping("198.19.0.2", 1);
    host("ip", "link", "del", "lan0");
    await until(() => expect(seen.interfaces.map((each) => each.name)).not.toContain("lan0"));

    agent.child.kill("SIGTERM");
    expect(await agent.exited).toBe(0);
    const others = seen.interfaces.map((each) => each.ifindex);
    const counted = [...seen.icmpIn].filter(([ifindex]) => !others.includes(ifindex)).map(([, frames]) => frames);
    expect(counted.reduce((sum, frames) => sum + frames, 0n)).toBe(6n);
    expectBalanced();
  });

  it("shows its own connection when asked to", async () => {
    const agent = run(["--interface", "eth0", "--sample-own"]);
    await until(() => expect(seen?.own ?? 0).toBeGreaterThan(0));
    agent.child.kill("SIGINT");
    expect(await agent.exited).toBe(0);
  });

  it("takes filters while it works, tells its budget, and stops in the middle of a judgement", async () => {
    const agent = run(["--budget", "7000"]);
    await until(() => expect(agent.log()).toContain('"event":"ready"'));
    const all: FilterProgram = [[0x06, 0, 0, 1]];
    const long: FilterProgram = [...Array.from({ length: 4095 }, (_, k): FilterProgram[number] => [0x20, 0, 0, k % 60]), [0x16, 0, 0, 0]];
    const set = (number: number, program: FilterProgram): object => {
      return { type: "filters", number, filters: [{ id: "x", expression: "", ethernet: program, raw: program, sampleN: 3, snaplen: 60 }] };
    };
    const answer: unknown = await seen.socket?.timeout(60_000).emitWithAck("message", set(1, all));
    expect(answer).toMatchObject({ ok: true, report: { number: 1, nsPerPacket: expect.any(Number) } });
    const budget = { recordsPerSecond: 7000, sampleN: 1, step: "full" };
    await until(() => expect(seen.status).toMatchObject({ sampleN: 3, snaplen: 60, budget }));
    seen.socket?.emit("message", set(2, long), () => undefined);
    seen.socket?.emit("message", { type: "clock" }, () => agent.child.kill("SIGTERM"));
    expect(await agent.exited).toBe(0);
    expect(agent.log()).toContain('"code":"UNAVAILABLE"');
    expect(agent.log()).toContain('"flushed":true');
    expect(BigInt(seen.records)).toBe(seen.delivered);
  });

  it("refuses a rate beside a budget", async () => {
    const agent = run(["--budget", "7000", "--sample", "10"]);
    expect(await agent.exited).toBe(2);
    expect(agent.log()).toMatch(/--budget.*--sample/);
  });

  it("names the interfaces there are when one is unknown", async () => {
    const agent = run(["--interface", "nope0"]);
    expect(await agent.exited).toBe(2);
    expect(agent.log()).toMatch(/no interface nope0 here; there are: .*lo/);
  });

  it("says what to do without privileges", () => {
    const stateOfNobody = join(state, "..", `sonde-agent-nobody-${process.pid}`);
    execFileSync("cp", ["-r", state, stateOfNobody]);
    try {
      execFileSync("chown", ["-R", "65534:65534", stateOfNobody]);
      const drop = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps=-all", "--"];
      const { status, stderr } = spawnSync(drop[0] ?? "", [...drop.slice(1), process.execPath, bin, "run", "--state", stateOfNobody], {
        encoding: "utf8",
      });
      expect(status).toBe(1);
      expect(stderr).toMatch(/root|CAP_BPF/);
      expect(stderr).not.toMatch(/\n\s+at /);
    } finally {
      rmSync(stateOfNobody, { recursive: true });
    }
  });
});
