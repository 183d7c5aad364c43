import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type AgentInterface, agentMessageSchema, BATCH_HEADER_BYTES, BatchKind, checkBatch, recordAt, viewOf } from "@sonde/protocol";
import { pcapHeader, pcapRecord } from "@sonde/pcapfile";
import type { Socket } from "socket.io";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ether, ipv4, udp } from "../../../packages/bpf/test/support/frames.ts";
import { gated, needs } from "../../../test/support/needs.ts";
import { prepareStateDir, writeCredential } from "../src/control/credential.ts";
import { type Answer, type TestHub, startHub } from "./hub.ts";

const bin = fileURLToPath(new URL("../bin/sonde-agent.mjs", import.meta.url));
const gate = gated(needs.root, needs.btf);
let folder: string;
let hub: TestHub;
let interfaces: readonly AgentInterface[];
/** Source port and time of each record. */
let records: { readonly port: number; readonly ns: bigint }[];

function serve(socket: Socket): void {
  socket.on("message", (input: unknown, answer: Answer) => {
    const message = agentMessageSchema.parse(input);
    if (message.type === "interfaces") interfaces = message.interfaces;
    if (message.type !== "hello") return answer({ ok: true });
    // A hub reads more of its own answer than this one gives; what an agent needs is here.
    const none = { records: "0", counters: "0", flows: "0", filterCounters: "0" };
    answer({ ok: true, committed: none, endpoints: [], window: 16 });
  });
  socket.on("batch", (bytes: Buffer, answer: Answer) => {
    const view = viewOf(bytes);
    const checked = checkBatch(view);
    if (checked.ok && checked.value.kind === BatchKind.records) {
      for (let at = BATCH_HEADER_BYTES; at < view.byteLength; at += view.getUint16(at + recordAt.recLen, true))
        records.push({ port: view.getUint16(at + recordAt.sportBe), ns: view.getBigUint64(at + recordAt.tsNs, true) });
    }
    answer({ ok: checked.ok });
  });
}

/** A file of datagrams from ports 1, 2, 3 …, so many µs apart, `impossible` ones behind them. */
function capture(name: string, count: number, apartUs: number, impossible = 0): string {
  const datagram = (i: number): Buffer => ether(0x0800, ipv4({ proto: 17, payload: udp({ sport: i + 1, payload: Buffer.alloc(100) }) }));
  const parts = Array.from({ length: count + impossible }, (_, i) => {
    const bytes = new Uint8Array(datagram(i));
    const wireLen = i < count ? bytes.length : bytes.length - 1;
    return pcapRecord({ seconds: 1_600_000_000, nanoseconds: i * apartUs * 1000, wireLen, bytes });
  });
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([pcapHeader({ linkType: 1, snaplen: 262_144 }), ...parts]));
  return path;
}

async function run(...flags: readonly string[]): Promise<{ readonly status: number | null; readonly log: string }> {
  const child = spawn(process.execPath, [bin, "run", "--state", join(folder, "state"), ...flags], { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (log += text));
  return { status: await new Promise((resolve) => child.on("exit", resolve)), log };
}

describe.skipIf(gate.skip)(gate.name("replay of a capture file"), () => {
  beforeAll(async () => {
    folder = mkdtempSync("/tmp/sonde-replay-");
    hub = await startHub({ onAgent: serve });
    prepareStateDir(join(folder, "state"));
    writeCredential(join(folder, "state"), {
      version: 1,
      hub: hub.url.origin,
      pin: null,
      hostId: "6f1c1e54-6d2b-4f43-9a53-3d2f0d5f8a11",
      name: "test",
      credential: "sonde_agent_0123456789abcdef",
      enrolledAt: new Date().toISOString(),
    });
  });
  beforeEach(() => {
    interfaces = [];
    records = [];
  });
  afterAll(async () => {
    await hub.close();
    rmSync(folder, { recursive: true });
  });

  test("as fast as possible: every packet once and in order, what cannot be run is named, and the agent ends", async () => {
    const path = capture("all.pcap", 20_000, 40, 1);
    const { status, log } = await run("--replay", path, "--replay-speed", "max", "--sample", "1");
    expect(log).toContain('"event":"replayed"');
    expect(status).toBe(0);
    expect(records.map(({ port }) => port)).toEqual(Array.from({ length: 20_000 }, (_, i) => i + 1));
    expect(interfaces).toMatchObject([{ ifindex: 1, name: "replay:all.pcap", up: true }]);
    expect(log).toMatch(/packet 20001 was not tried: it was shorter on the wire/);
    expect(log).toMatch(/"ran":20000,"leftOut":1/);
    expect(log).toContain('"flushed":true');
  });

  test("at the recorded pace, times keep their distance", async () => {
    const { status } = await run("--replay", capture("paced.pcap", 50, 10_000), "--replay-speed", "2");
    expect(status).toBe(0);
    expect(records).toHaveLength(50);
    expect(records.map(({ ns }) => ns - (records[0]?.ns ?? 0n))).toEqual(Array.from({ length: 50 }, (_, i) => BigInt(i) * 5_000_000n));
  });

  test("a damaged file ends in failure after what came before it; none, and interfaces beside it, are misuse", async () => {
    const path = capture("damaged.pcap", 10, 1);
    writeFileSync(path, Buffer.alloc(40, 7), { flag: "a" });
    const damaged = await run("--replay", path, "--replay-speed", "max");
    expect(damaged).toMatchObject({ status: 1, log: expect.stringMatching(/"ran":10[^]*damaged\.pcap: /) });
    expect(records).toHaveLength(10);
    expect(await run("--replay", join(folder, "none.pcap"))).toMatchObject({ status: 2, log: expect.stringContaining("cannot be read") });
    expect(await run("--replay", path, "--interface", "lo")).toMatchObject({ status: 2 });
  });
});
