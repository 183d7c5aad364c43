import { spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { protoClasses } from "../../protocol/src/layout.ts";
import { listInterfaces, openEngine } from "../src/index.ts";
import { decodeBatch, decodeCounters, ledgerGap, type Rec } from "./support/decode.ts";
import { kernelMissing, run, until } from "./support/netns.ts";
import { Session } from "./support/session.ts";

const missing = kernelMissing();

async function sendUdp(address: string, count: number): Promise<void> {
  const socket = createSocket("udp4");
  for (let i = 0; i < count; i++) {
    await new Promise<void>((resolve, reject) => socket.send("sonde", 9, address, (error) => (error ? reject(error) : resolve())));
  }
  socket.close();
}

describe.skipIf(missing)(`devices of other kinds${missing ? ` (${missing})` : ""}`, () => {
  test("loopback: counted out and in, recorded coming in only", async () => {
    const engine = openEngine({ snaplen: 64 });
    const records: Rec[] = [];
    engine.attach(1, "tcx");
    engine.start((batch) => void records.push(...decodeBatch(batch)));
    await sendUdp("127.0.0.123", 20);
    const mine = (): Rec[] => records.filter((rec) => rec.daddr.startsWith("7f00007b") && rec.dportBe === 9);
    await until("20 records", () => mine().length >= 20);
    engine.detach(1);
    await engine.close().then(() => expect(mine()).toHaveLength(20));
    expect(records.every((rec) => rec.direction === 1)).toBe(true);
  });

  test("loopback: the outgoing half is unmatched, each frame once", async () => {
    const engine = openEngine();
    engine.attach(1, "tcx");
    await sendUdp("127.0.0.124", 20);
    engine.detach(1);
    const rows = decodeCounters(engine.readCounters());
    expect(rows.map(ledgerGap)).toEqual([0, 0]);
    const out = rows.find((row) => row.direction === 2);
    expect(out?.total.frames).toBeGreaterThanOrEqual(20);
    expect(out?.unmatched).toBe(out?.total.frames);
    await engine.close();
  });

  test("tun: frames start at the IP header", async () => {
    const name = `sbt${process.pid}`;
    run("ip", "tuntap", "add", "dev", name, "mode", "tun");
    const engine = openEngine();
    try {
      run("ip", "addr", "add", "198.18.77.1/30", "dev", name);
      run("ip", "link", "set", name, "up");
      const device = listInterfaces().find((d) => d.name === name);
      expect(device).toMatchObject({ kind: "l3", mac: null, up: true });
      const records: Rec[] = [];
      engine.attach(device?.ifindex ?? 0, "tcx");
      engine.start((batch) => void records.push(...decodeBatch(batch)));
      await sendUdp("198.18.77.2", 3);
      const sent = (): Rec[] => records.filter((rec) => rec.dportBe === 9);
      await until("3 records", () => sent().length === 3);
      const [rec] = sent();
      expect(rec).toMatchObject({ flags: 0x20, ethProtoBe: 0x0800, l3Off: 0, l4Off: 20, wireLen: 33, capLen: 33, parseErr: 0 });
      expect([protoClasses[rec?.proto ?? 9], rec?.saddr.slice(0, 8), rec?.bytes[0]]).toEqual(["udp4", "c6124d01", 0x45]);
    } finally {
      await engine.close();
      run("ip", "link", "del", name);
    }
  });

  test("segmentation offload: frames, and the wire packets they stand for", async () => {
    await using session = new Session({ snaplen: 96 });
    const { wire } = session;
    for (const [prefix, device, address] of [
      [[], wire.local, 1],
      [wire.enter, wire.peer, 2],
    ] as const) {
      run(...prefix, "ip", "link", "set", device, "arp", "on");
      run(...prefix, "ip", "addr", "add", `198.18.78.${address}/30`, "dev", device);
    }
    const server = `require("net").createServer((s)=>s.resume()).listen(5001,"198.18.78.2",()=>console.log("up"))`;
    const [file, ...args] = [...wire.enter, process.execPath, "-e", server];
    const peer = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
    try {
      await once(peer.stdout, "data");
      const socket = connect(5001, "198.18.78.2");
      socket.end(Buffer.alloc(4 << 20, 7));
      socket.resume();
      await once(socket, "close");
    } finally {
      peer.kill();
    }
    await session.engine.stop();
    const row = session.row("out");
    expect(ledgerGap(row)).toBe(0);
    const data = session.records.filter((rec) => rec.direction === 2 && rec.wireLen > 66 && rec.dportBe === 5001);
    expect(Math.max(...data.map((rec) => rec.gsoSegs))).toBeGreaterThan(1);
    // 1500 − 20 − 32: the timestamp option is in every segment.
    for (const rec of data) expect(rec.gsoSegs).toBe(Math.ceil((rec.wireLen - 66) / 1448));
    expect(row.proto.tcp4.packets - row.proto.tcp4.frames).toBe(data.reduce((sum, rec) => sum + rec.gsoSegs - 1, 0));
    expect(data.reduce((sum, rec) => sum + rec.wireLen - 66, 0)).toBeGreaterThanOrEqual(4 << 20);
    expect(row.malformed).toEqual({});
  });
});

describe.skipIf(missing)(`where the engine cannot run${missing ? ` (${missing})` : ""}`, () => {
  const tsx = createRequire(import.meta.url).resolve("tsx");
  const child = fileURLToPath(new URL("./support/child.ts", import.meta.url));
  const node = `${process.execPath} --import ${tsx} ${child} 1 exit`;

  test.each([
    ["NO_BTF", ["unshare", "-m", "sh", "-c", `mount -t tmpfs none /sys/kernel/btf && exec ${node}`]],
    ["NO_PRIVILEGE", ["setpriv", "--bounding-set=-all", "--inh-caps=-all", ...node.split(" ")]],
  ])("%s says so", (expected, [file = "", ...args]) => {
    const { stderr, status } = spawnSync(file, args, { encoding: "utf8" });
    expect(stderr).toContain(`code: '${expected}'`);
    expect(status).not.toBe(0);
  });
});
