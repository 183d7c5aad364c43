import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Capture, captureSchema } from "@sonde/protocol/rest";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ether, ipv4, pcap, tcp, udp } from "../../packages/bpf/test/support/frames.ts";
import { attachedIn, packetsOf } from "../support/captured.ts";
import { gated, needs } from "../support/needs.ts";
import { chooseSeed, seeded } from "../support/random.ts";
import { type Command, openSonde } from "../support/sonde.ts";
import { type Agent, type World, createWorld } from "../support/world.ts";

/* One capture on three hosts, by the command line, beside tcpdump on each; and captures of which something dies meanwhile. */

const seed = chooseSeed(process.env["SONDE_SEED"]);
const FILTER = "udp and dst portrange 7000-7010";
const hosts = ["a", "b", "c"] as const;
/** By host, the wires that carry what is injected. */
const wires = { a: ["wire0", "wire-c"], b: ["wire0"], c: ["wire0"] } as const;
const patience = { timeout: 30_000, interval: 100 };
const until = (check: () => void | Promise<void>): Promise<void> => vi.waitFor(check, patience);

let world: World;
let sonde: (...args: string[]) => Command;
const agents = new Map<string, Agent>();
const started: ChildProcess[] = [];

const gate = gated(needs.namespaces, needs.btf, needs.tcx, needs.tcpdump, needs.tcpreplay, needs.tshark);

describe.skipIf(gate.skip)(gate.name(`captures of three hosts (SONDE_SEED=${seed})`), () => {
  beforeAll(async () => {
    world = await createWorld(["c"]);
    for (const short of hosts) agents.set(short, await world.agentOn(short, [], short));
    sonde = await openSonde(world);
  });
  afterAll(async () => {
    for (const child of started) child.kill("SIGKILL");
    await world?.close();
  });

  test("the file holds exactly the packets that tcpdump wrote on each host, in its order, and opens without a word", async () => {
    const dumps = hosts.flatMap((host) => wires[host].map((wire) => startTcpdump(host, wire)));
    await Promise.all(dumps.map((dump) => dump.listening));
    const file = join(world.folder, "merged.pcapng");
    const capture = sonde("capture", "--hosts", hosts.join(","), "-w", file, "--duration", "5m", FILTER);
    started.push(capture.child);
    await until(() => expect(hosts.filter((host) => capture.stderr().includes(`${host}: captures up to 128 bytes`))).toEqual(hosts));

    const frames = someFrames(600);
    const matching = frames.filter(isMatch).length;
    inject("a", "wire0", frames); // seen twice: it leaves a, and comes to b
    inject("b", "wire0", frames.toReversed());
    inject("c", "wire0", frames);
    inject("a", "wire-c", frames.slice(0, 300));
    const expected = 2 * (3 * matching + frames.slice(0, 300).filter(isMatch).length);
    await until(async () => expect(Number((await latest()).packets)).toBe(expected));
    capture.child.kill("SIGINT");
    expect({ status: await capture.status, stderr: capture.stderr() }).toEqual({
      status: 0,
      stderr: expect.stringContaining("nothing is missing"),
    });

    const merged = packetsOf(file);
    const dumped = new Map<string, readonly string[]>();
    for (const dump of dumps) {
      expect(await dump.stop()).toContain("0 packets dropped by kernel");
      dumped.set(`${dump.host}/${dump.wire}`, packetsOf(dump.file).get("") ?? []);
    }
    expect([...merged.keys()].toSorted()).toEqual([...dumped.keys()].toSorted());
    for (const [name, packets] of dumped) {
      expect(packets.length).toBeGreaterThan(0);
      expect({ name, packets: merged.get(name) }).toEqual({ name, packets });
    }
    expect([...merged.values()].flat()).toHaveLength(expected);
    for (const [program, ...args] of [
      ["tshark", "-r", file],
      ["capinfos", file],
    ] as const) {
      const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", maxBuffer: 1 << 28 });
      expect([program, status, stderr.replace(/^Running as user "root".*\n/m, "")]).toEqual([program, 0, ""]);
      if (program === "tshark") expect(stdout.trimEnd().split("\n")).toHaveLength(expected);
    }
    process.stdout.write(`${expected} packets of ${dumped.size} interfaces, as tcpdump has them\n`);
  });

  test("a hub that is killed: the hosts end it by themselves, and all that was taken is in the file afterwards", async () => {
    const file = join(world.folder, "killed.pcapng");
    const capture = sonde("capture", "--all", "-w", file, "--duration", "20s", FILTER);
    started.push(capture.child);
    await until(() => expect(hosts.filter((host) => capture.stderr().includes(`${host}: captures`))).toEqual(hosts));
    const frames = someFrames(200).filter(isMatch);
    inject("a", "wire0", frames);
    const { id } = await latest();
    await until(async () => expect(Number((await latest()).packets)).toBe(2 * frames.length));
    process.kill(world.hub.child.pid, "SIGKILL");
    await world.hub.child.exited;
    expect(await capture.status).toBe(1);
    expect(capture.stderr()).toContain(`sonde captures download ${id}`);
    inject("b", "wire0", frames);
    for (const host of hosts) await until(() => expect(agents.get(host)?.child.tail()).toMatch(/"event":"capture".*"ended":"time"/));
    inject("c", "wire0", frames); // too late
    await world.startHubAgain();
    await until(async () =>
      expect(await latest()).toMatchObject({ id, endReason: "time", states: { ended: 3 }, packets: String(4 * frames.length), lost: "0" }),
    );
    const download = sonde("captures", "download", id, "-w", file);
    expect(await download.status).toBe(0);
    const perHost = [...packetsOf(file)].map(([name, packets]) => `${name} ${packets.length}`).toSorted();
    expect(perHost).toEqual([`a/wire0 ${2 * frames.length}`, `b/wire0 ${2 * frames.length}`]);
  });

  test("an agent that is killed: the others go on to their end, nothing stays attached there, and what it took is in the file", async () => {
    const file = join(world.folder, "agent.pcapng");
    const capture = sonde("capture", "--all", "-w", file, "--duration", "20s", FILTER);
    started.push(capture.child);
    await until(() => expect(hosts.filter((host) => capture.stderr().includes(`${host}: captures`))).toEqual(hosts));
    const frames = someFrames(200).filter(isMatch);
    inject("c", "wire0", frames);
    await until(async () => expect(Number((await latest()).packets)).toBe(2 * frames.length));
    const agent = agents.get("c");
    process.kill(agent?.child.pid ?? 0, "SIGKILL");
    await agent?.child.exited;
    await until(() => expect(attachedIn(world.lab, "c", "wire0")).toEqual([]));
    inject("b", "wire0", frames);
    expect(await capture.status).toBe(0);
    const perHost = [...packetsOf(file)].map(([name, packets]) => `${name} ${packets.length}`).toSorted();
    const one = frames.length;
    expect(perHost).toEqual([`a/wire-c ${one}`, `a/wire0 ${one}`, `b/wire0 ${one}`, `c/wire0 ${one}`]);
    expect(await latest()).toMatchObject({ endReason: "time", lost: "0" });
  });

  test("a command that is killed: the capture ends at its time, and its packets stay with the hub", async () => {
    const capture = sonde("capture", "--hosts", "a,b", "-w", join(world.folder, "gone.pcapng"), "--duration", "10s", FILTER);
    await until(() => expect(["a", "b"].filter((host) => capture.stderr().includes(`${host}: captures`))).toEqual(["a", "b"]));
    capture.child.kill("SIGKILL");
    await capture.status;
    const frames = someFrames(50).filter(isMatch);
    inject("b", "wire0", frames);
    await until(async () => expect(await latest()).toMatchObject({ endReason: "time", packets: String(2 * frames.length) }));
  });
});

/** The newest capture, as the hub tells. */
async function latest(): Promise<Capture> {
  const list = sonde("captures", "list", "--limit", "1", "-o", "ndjson");
  if ((await list.status) !== 0) throw new Error(list.stderr());
  return captureSchema.parse(JSON.parse(list.stdout()));
}

/** UDP to ports in and beside the filter's range, and TCP, from 0 to 1,400 bytes. */
function someFrames(count: number): Buffer[] {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, i) => {
    const payload = Buffer.alloc(random.below(1400), i & 255);
    const port = random.between(6995, 7015);
    return ether(
      0x0800,
      ipv4(random.once(5) ? { proto: 6, payload: tcp({ dport: port, payload }) } : { proto: 17, payload: udp({ dport: port, payload }) }),
    );
  });
}

/** Whether FILTER takes a frame of someFrames(). */
const isMatch = (frame: Buffer): boolean => frame[23] === 17 && frame.readUInt16BE(36) >= 7000 && frame.readUInt16BE(36) <= 7010;

function inject(host: string, wire: string, frames: readonly Buffer[]): void {
  const file = join(world.folder, `inject-${host}.pcap`);
  writeFileSync(file, pcap(frames));
  world.lab.run(host, ["tcpreplay", "-q", "-K", "--pps=4000", "-i", wire, file]);
}

type Tcpdump = {
  readonly host: string;
  readonly wire: string;
  readonly file: string;
  readonly listening: Promise<void>;
  stop(): Promise<string>;
};

/** tcpdump with the capture's filter and length; stop() answers what it said. */
function startTcpdump(host: string, wire: string): Tcpdump {
  const file = join(world.folder, `${host}-${wire}.pcap`);
  const args = ["tcpdump", "-i", wire, "-s", "128", "-U", "-B", "16384", "--immediate-mode", "-Z", "root", "-w", file, FILTER];
  const [program = "", ...rest] = world.lab.inside(host, args);
  const child = spawn(program, rest, { stdio: ["ignore", "ignore", "pipe"] });
  started.push(child);
  let said = "";
  const exited = new Promise((resolve) => child.once("close", resolve));
  const listening = new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.includes("listening on")) resolve();
    });
    child.once("close", () => reject(new Error(said)));
  });
  const stop = async (): Promise<string> => {
    child.kill("SIGINT");
    await exited;
    return said;
  };
  return { host, wire, file, listening, stop };
}
