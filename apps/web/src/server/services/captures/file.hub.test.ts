import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { CaptureReader, packetOptions, type CaptureInterface, type CaptureSection, type CaptureStatistics } from "@sonde/pcapfile";
import { Direction, RecordFlag } from "@sonde/protocol";
import { captureDetailSchema, type CaptureDetail } from "@sonde/protocol/rest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { captureAgent, frame, type CaptureAgent } from "../../../../test/capture-agents.ts";
import { startTestHub, until, type TestHub } from "../../../../test/hub.ts";
import { createApiToken } from "../api-tokens/create.ts";
import { setLabels } from "../hosts/labels-set.ts";

let hub: TestHub;
let cookie: string;
const person = { kind: "local" } as const;
beforeAll(async () => {
  hub = await startTestHub();
  cookie = await hub.signIn();
}, 60_000);
afterAll(() => hub.stop());

const call = (method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> =>
  fetch(`${hub.url}/api/v1${path}`, {
    method,
    headers: { cookie, origin: hub.url, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
const start = async (agents: readonly CaptureAgent[], body: object = {}): Promise<CaptureDetail> => {
  const response = await call("POST", "/captures", { expression: "udp port 53", hosts: agents.map((one) => one.hostId), ...body });
  expect(response.status).toBe(201);
  const capture = captureDetailSchema.parse(await response.json());
  for (const agent of agents) await until(() => agent.captured(capture.id) !== null, "the capture at the agent");
  return capture;
};
const stop = async (id: string, agents: readonly CaptureAgent[], counts: readonly number[]): Promise<void> => {
  await call("POST", `/captures/${id}/stop`);
  await Promise.all(agents.map((agent, i) => agent.progress(id, "stopped", counts[i]!)));
  const complete = async () =>
    captureDetailSchema.parse(await (await call("GET", `/captures/${id}`)).json()).states.ended === agents.length;
  await until(complete, "all to have come");
};
/** One second after the capture began, and `ms`, in the time of the agent's host. */
const at = (agent: CaptureAgent, capture: CaptureDetail, ms: number): bigint => agent.boot(Date.parse(capture.createdAt) + ms);

type Packet = { interfaceId: number; ns: bigint; bytes: string; wireLen: number; direction: string | null };
/** Everything a capture file says. */
function parse(file: Uint8Array) {
  const found = {
    sections: [] as CaptureSection[],
    interfaces: [] as CaptureInterface[],
    packets: [] as Packet[],
    statistics: [] as CaptureStatistics[],
  };
  const reader = new CaptureReader({
    section: (section) => void found.sections.push(section),
    interface: (_, one) => void found.interfaces.push(one),
    packet: (packet) => {
      const { interfaceId, seconds, nanoseconds, bytes, offset, capLen, wireLen } = packet;
      const hex = Buffer.from(bytes.subarray(offset, offset + capLen)).toString("hex");
      const { direction } = packetOptions(packet);
      found.packets.push({ interfaceId, ns: BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds), bytes: hex, wireLen, direction });
    },
    statistics: (_, one) => void found.statistics.push(one),
  });
  reader.push(file);
  reader.end();
  return found;
}
const download = async (id: string): Promise<Uint8Array> => {
  const response = await call("GET", `/captures/${id}/file`);
  expect(response.status).toBe(200);
  return new Uint8Array(await response.arrayBuffer());
};
/** What a program says of a file on stdout and stderr; null where it is not installed. */
async function ask(program: string, args: readonly string[], file: Uint8Array): Promise<{ stdout: string; stderr: string } | null> {
  const folder = mkdtempSync("/tmp/sonde-file-");
  try {
    writeFileSync(join(folder, "c.pcapng"), file);
    return await promisify(execFile)(program, [...args, join(folder, "c.pcapng")]);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("one file of several hosts: packets in the hub's order, an interface block each, what is missing", async () => {
  const [a, b] = [await captureAgent(hub), await captureAgent(hub, { offsetMs: 5000 })];
  await hub.ctx.db.host.update({ where: { id: b.hostId }, data: { name: "other-host" } });
  const capture = await start([a, b], { name: "DNS: slow/?", snaplen: 200, reason: "names take long" });
  const [onA, onB] = [a.captured(capture.id)!, b.captured(capture.id)!];
  await a.send(onA, [
    { at: at(a, capture, 30), bytes: frame(3), direction: Direction.egress },
    { at: at(a, capture, 10), bytes: frame(1), wireLen: 400 },
    { at: at(a, capture, 5010), bytes: Uint8Array.of(0x45, 0, 0, 20), ifindex: 3, flags: RecordFlag.l3, sampleN: 4 },
  ]);
  await b.send(onB, [
    { at: at(b, capture, 3020), bytes: frame(2) },
    { at: at(b, capture, 3040), bytes: frame(4), flags: RecordFlag.vlan | RecordFlag.vlanMeta, vlanTci: 100, wireLen: 19 },
    { at: at(b, capture, 8040), bytes: Uint8Array.of(0x45, 0, 0, 20), flags: RecordFlag.l3 },
  ]);
  await a.progress(capture.id, null, 3, 96);
  const bit = { filterSet: onA.set, bit: onA.bit, sampledOut: 0, noReader: 1 };
  await hub.ctx.db.filterTotal.create({ data: { hostId: a.hostId, ...bit, matched: 6, ringLost: 1, delivered: 4 } });
  await a.progress(capture.id, "stopped", 4, 96);
  await call("POST", `/captures/${capture.id}/stop`);
  await b.progress(capture.id, "stopped", 3, 200);
  await hub.ctx.db.captureHost.updateMany({ where: { captureId: capture.id }, data: { state: "ended" } });

  const response = await call("GET", `/captures/${capture.id}/file`);
  expect(response.headers.get("content-disposition")).toMatch(/^attachment; filename="sonde-DNS-slow-\d{8}T\d{6}\.pcapng"$/);
  const file = new Uint8Array(await response.arrayBuffer());
  const { sections, interfaces, packets, statistics } = parse(file);
  expect(packets.map((packet) => packet.ns)).toEqual(packets.map((packet) => packet.ns).toSorted((x, y) => (x < y ? -1 : 1)));
  expect(packets.map(({ bytes, wireLen, direction }) => [bytes.slice(24), wireLen, direction])).toEqual([
    ["88b501", 400, "in"],
    ["88b503", 15, "out"],
    ["88b502", 15, "in"],
    ["8100006488b504", 19, "in"],
    ["", 4, "in"],
    ["", 4, "in"],
  ]);
  const first = Date.parse(capture.createdAt) + 10;
  expect(Math.abs(Number(packets[0]!.ns / 1_000_000n) - first)).toBeLessThan(1000); // a clock is estimated
  expect(interfaces.map(({ name, linkType, snaplen, filter }) => [name, linkType, snaplen, filter])).toEqual([
    ["test-host/eth0", 1, 96, "udp port 53"],
    ["other-host/eth0", 1, 200, "udp port 53"],
    ["test-host/wg0", 101, 96, "udp port 53"],
    ["other-host/eth0", 101, 200, "udp port 53"],
  ]);
  expect(interfaces[0]).toMatchObject({ os: "Debian 12, 6.18.0", hardware: "x86_64, 2 CPUs", description: "ethernet, by tcx" });
  expect(interfaces[0]!.comments).toEqual([
    expect.stringMatching(
      /^Times are the hub's; the host's own clock is (ahead of|behind) the hub's by \d+\.\d ms, give or take \d+\.\d ms$/,
    ),
    "Sampled: at times only 1 packet in 4 was taken",
    "At most 96 bytes of a packet, of 200 that were asked for: the host allows no more",
  ]);
  expect(interfaces[1]!.comments[0]).toMatch(/ahead of the hub's by (49|50)\d\d ms/);
  expect(sections[0]).toMatchObject({ application: `Sonde ${hub.ctx.version}` });
  expect(sections[0]!.comments).toContain("Reason for more than headers: names take long");
  expect(sections[0]!.comments).toContain("Hosts: other-host, test-host");
  expect(sections[0]!.comments.at(-1)).toBe("Packets that were taken and are missing: 3 of test-host");
  expect(statistics.map(({ received, dropped }) => [received, dropped])).toEqual([
    [5n, 3n],
    [2n, 0n],
    [1n, 0n],
    [1n, 0n],
  ]);

  const shark = await ask("tshark", ["-T", "fields", "-e", "frame.interface_name", "-e", "frame.len", "-r"], file);
  if (shark) {
    expect(shark.stderr.split("\n").filter((line) => line !== "" && !line.startsWith("Running as user"))).toEqual([]);
    expect(shark.stdout.trim().split("\n")).toHaveLength(6);
    expect((await ask("capinfos", [], file))?.stderr).toBe("");
  }
  const trail = await hub.ctx.db.auditEvent.findMany({ where: { target: capture.id, action: "capture.download" } });
  expect(trail.map((one) => one.detail)).toEqual([{ follow: false, packets: "6" }]);
});

test("many batches, read a page at a time, hold every packet once and in order", async () => {
  const agents = [await captureAgent(hub), await captureAgent(hub), await captureAgent(hub)];
  const capture = await start(agents);
  for (const [i, agent] of agents.entries()) {
    const place = agent.captured(capture.id)!;
    for (let n = 0; n < 50; n++) {
      const packets = Array.from({ length: 20 }, (_, k) => ({ at: at(agent, capture, n * 10 + k) + BigInt(i), bytes: frame(i, n, k) }));
      expect(await agent.send(place, packets)).toEqual({ ok: true });
    }
  }
  const { packets } = parse(await download(capture.id));
  expect(new Set(packets.map((packet) => packet.bytes)).size).toBe(3000);
  expect(packets).toHaveLength(3000);
  const times = packets.map((packet) => packet.ns);
  expect(times.every((time, i) => i === 0 || times[i - 1]! <= time)).toBe(true);
  await stop(capture.id, agents, [1000, 1000, 1000]);
});

test("following goes on until the capture has ended and all of it is in; a client that goes ends it", async () => {
  const agent = await captureAgent(hub);
  const capture = await start([agent]);
  const place = agent.captured(capture.id)!;
  await agent.send(place, [{ at: at(agent, capture, 0), bytes: frame(1) }]);
  const gone = new AbortController();
  const other = await call("GET", `/captures/${capture.id}/file?follow=true`, undefined, gone.signal);
  const reader = other.body!.getReader();
  expect((await reader.read()).value?.length).toBeGreaterThan(100);
  gone.abort();
  await expect(reader.read()).rejects.toThrow();

  const following = call("GET", `/captures/${capture.id}/file?follow=true`).then((response) => response.arrayBuffer());
  await agent.send(place, [{ at: at(agent, capture, 20), bytes: frame(3) }]);
  await agent.send(place, [{ at: at(agent, capture, 10), bytes: frame(2) }]);
  await call("POST", `/captures/${capture.id}/stop`);
  await agent.progress(capture.id, "stopped", 4);
  await agent.send(place, [{ at: at(agent, capture, 30), bytes: frame(4), ifindex: 1 }]);
  const { packets, interfaces, statistics } = parse(new Uint8Array(await following));
  expect(packets.map((packet) => packet.bytes.slice(-2))).toEqual(["01", "02", "03", "04"]);
  expect(interfaces.map((one) => one.name)).toEqual(["test-host/eth0", "test-host/lo"]);
  expect(statistics).toHaveLength(2);
});

test("bytes want write access, and only of hosts that are seen", async () => {
  const [mine, other] = [await captureAgent(hub), await captureAgent(hub)];
  await setLabels({ ctx: hub.ctx, actor: person, input: { id: mine.hostId, labels: { env: "prod" } } });
  const capture = await start([mine, other]);
  for (const agent of [mine, other]) await agent.send(agent.captured(capture.id)!, [{ at: at(agent, capture, 0), bytes: frame(1) }]);
  const answer = async (access: "read" | "write"): Promise<Response> => {
    const { token } = await createApiToken({
      ctx: hub.ctx,
      actor: person,
      input: { name: "t", access, scope: { env: ["prod"] }, expiresAt: null },
    });
    return fetch(`${hub.url}/api/v1/captures/${capture.id}/file`, { headers: { authorization: `Bearer ${token}` } });
  };
  expect((await answer("read")).status).toBe(403);
  const { packets } = parse(new Uint8Array(await (await answer("write")).arrayBuffer()));
  expect(packets).toHaveLength(1);
  await stop(capture.id, [mine, other], [1, 1]);
});
