import { describe, expect, test } from "vitest";
import { protoClasses } from "../../protocol/src/layout.ts";
import { attachModes } from "../src/index.ts";
import { cases } from "./support/cases.ts";
import { ether, ipv4, ipv6, tcp, udp } from "./support/frames.ts";
import { decodeFilterCounters } from "./support/decode.ts";
import { kernelMissing, until } from "./support/netns.ts";
import { Session } from "./support/session.ts";
import { chooseSeed } from "../../../test/support/random.ts";

const missing = kernelMissing();
const seed = chooseSeed(process.env["SONDE_SEED"]);
const plain = (i: number): Buffer =>
  ether(0x0800, ipv4({ proto: 17, payload: udp({ sport: i & 0xffff, payload: Buffer.alloc(i % 400, i) }) }));

describe.skipIf(missing)(`counters and the ledger${missing ? ` (${missing})` : ""}`, () => {
  test.each(attachModes.flatMap((mode) => [[mode, "in"] as const, [mode, "out"] as const]))(
    "%s %s: equal to ip -s link to the byte",
    async (mode, direction) => {
      await using session = new Session({}, mode);
      const before = session.wire.stats();
      const frames = Array.from({ length: 3000 }, (_, i) => plain(i));
      if (direction === "in") session.wire.sendIn(frames);
      else session.wire.sendOut(frames);
      const row = await session.settle(direction, frames.length);
      const after = session.wire.stats();
      const side = direction === "in" ? "rx" : "tx";
      expect(row.total.frames).toBe(after[side].packets - before[side].packets);
      // With native XDP a veth counts its received bytes behind the Ethernet header (drivers/net/veth.c).
      const uncounted = mode === "xdp-native" && direction === "in" ? 14 * frames.length : 0;
      expect(row.total.bytes).toBe(after[side].bytes - before[side].bytes + uncounted);
      expect(row.total.bytes).toBe(frames.reduce((sum, frame) => sum + frame.length, 0));
      expect(row.proto.udp4).toEqual(row.total);
      expect(session.row(direction === "in" ? "out" : "in").total.frames).toBe(0);
      expect(session.records).toHaveLength(frames.length);
      expect(new Set(session.records.map((rec) => rec.sportBe)).size).toBe(frames.length);
    },
  );

  test("TCP flags and sizes, each where it belongs", async () => {
    await using session = new Session();
    const segment = (flags: number): Buffer => ether(0x0800, ipv4({ proto: 6, payload: tcp({ flags }) }));
    const sized = (bytes: number): Buffer => ether(0x88b5, Buffer.alloc(bytes - 14));
    const sizes = [60, 63, 64, 127, 128, 255, 256, 511, 512, 1023, 1024, 1514];
    const flags = [0x02, 0x12, 0x10, 0x10, 0x18, 0x11, 0x04, 0xc2, 0x30, 0x00];
    session.wire.sendOut([...flags.map(segment), ...sizes.map(sized)]);
    const row = await session.settle("out", flags.length + sizes.length);
    expect(row.tcpFlags).toEqual({ fin: 1, syn: 3, rst: 1, psh: 1, ack: 6, urg: 1, ece: 1, cwr: 1 });
    expect(row.sizes).toEqual({ 0: 2 + flags.length, 64: 2, 128: 2, 256: 2, 512: 2, 1024: 2 });
  });

  test("1 in N: the binomial's bounds, and the ledger exact", async () => {
    await using session = new Session({ sampleN: 10 });
    session.wire.sendIn(
      Array.from({ length: 1000 }, (_, i) => plain(i)),
      "--topspeed",
      "--loop=20",
    );
    const row = await session.settle("in", 20_000);
    expect(row.total.frames).toBe(20_000);
    expect(row.delivered + row.sampledOut).toBe(20_000);
    expect(session.records).toHaveLength(row.delivered);
    // Six standard deviations of B(20000, 1/10) are 255.
    expect(Math.abs(row.delivered - 2000)).toBeLessThan(255);
    expect(session.records.every((rec) => rec.sampleN === 10)).toBe(true);
  });

  test("N and snaplen change while packets flow; each record carries its own", async () => {
    await using session = new Session({ snaplen: 16 });
    session.wire.sendOut([plain(200)]);
    await session.settle("out", 1);
    session.engine.setSampling({ sampleN: 1, snaplen: 0 });
    session.engine.start((batch) => session.keep(batch));
    session.wire.sendOut([plain(200)]);
    await session.settle("out", 2);
    session.engine.setSampling({ sampleN: 0xffffffff, snaplen: 0 });
    session.engine.start((batch) => session.keep(batch));
    session.wire.sendOut(Array.from({ length: 100 }, (_, i) => plain(i)));
    const row = await session.settle("out", 102);
    expect(session.records.map((rec) => [rec.capLen, rec.wireLen])).toEqual([
      [16, 242],
      [0, 242],
    ]);
    expect(row.sampledOut).toBe(100);
  });

  test("any snaplen: so many bytes of the frame, or all of it", async () => {
    await using session = new Session();
    const frame = plain(200);
    const snaplens = [0, 1, 7, 8, 9, 63, 128, 241, 242, 243, 4096];
    for (const [i, snaplen] of snaplens.entries()) {
      session.engine.setSampling({ sampleN: 1, snaplen });
      session.wire.sendOut([frame]);
      await until("the record", () => session.records.length > i);
    }
    await session.settle("out", snaplens.length);
    expect(session.records.map((rec) => rec.bytes)).toEqual(snaplens.map((snaplen) => frame.subarray(0, snaplen)));
  });

  test("a ring too small loses records, and counts each of them", async () => {
    await using session = new Session({ ringBytes: 64 * 1024, snaplen: 1500 });
    await session.engine.stop();
    // One small batch is taken, and no more while this thread waits for the sender: the ring must fill.
    session.engine.start((batch) => session.keep(batch), { batchBytes: 4352, flushMs: 0, maxPending: 1 });
    session.wire.sendIn(Array.from({ length: 1000 }, (_, i) => plain(i)));
    const lossy = await session.settle("in", 1000);
    expect(lossy.ringLost).toBeGreaterThan(0);
    expect(lossy.delivered + lossy.ringLost).toBe(1000);
    expect(session.records).toHaveLength(lossy.delivered);
  });

  test("without a reader nothing is recorded, and it is counted as that", async () => {
    await using session = new Session();
    await session.engine.stop();
    session.wire.sendIn(Array.from({ length: 100 }, (_, i) => plain(i)));
    const row = await session.settle("in", 100);
    expect([row.noReader, row.delivered, session.records.length]).toEqual([100, 0, 0]);
    const [filter] = decodeFilterCounters(session.engine.readFilterCounters());
    expect(filter).toMatchObject({ filterSet: 0, bit: 0, matched: 100, noReader: 100 });
  });

  test("Sonde's own connections are counted and not sampled, either end, either family", async () => {
    await using session = new Session();
    const v4 = Buffer.concat([Buffer.from([198, 51, 100, 2]), Buffer.alloc(12)]);
    const v6 = Buffer.from("20010db8000000000000000000000001", "hex");
    session.engine.setOwnEndpoints([
      { family: 4, address: v4, port: 443 },
      { family: 6, address: v6, port: 1000 },
    ]);
    const own = [ether(0x0800, ipv4({ proto: 6, payload: tcp() })), ether(0x86dd, ipv6({ next: 6, payload: tcp({ sport: 1000 }) }))];
    const other = [
      ether(0x0800, ipv4({ proto: 6, payload: tcp({ dport: 444 }) })),
      ether(0x0800, ipv4({ proto: 17, payload: udp({ dport: 443 }) })),
      ether(0x86dd, ipv6({ next: 6, payload: tcp({ dport: 1000 }) })),
    ];
    session.wire.sendIn([...own, ...other]);
    const row = await session.settle("in", 5);
    expect([row.unmatched, row.delivered]).toEqual([2, 3]);
    session.engine.setOwnEndpoints([]);
    session.wire.sendIn(own);
    expect((await session.settle("in", 7)).unmatched).toBe(2);
  });

  test("asked for, they are sampled too", async () => {
    await using session = new Session({ sampleOwn: true });
    const address = Buffer.concat([Buffer.from([198, 51, 100, 2]), Buffer.alloc(12)]);
    session.engine.setOwnEndpoints([{ family: 4, address, port: 443 }]);
    session.wire.sendIn([ether(0x0800, ipv4({ proto: 6, payload: tcp() }))]);
    expect((await session.settle("in", 1)).delivered).toBe(1);
  });

  test.each(attachModes)("%s: every truncation of every case is counted once and captured whole", async (mode) => {
    await using session = new Session({ snaplen: 64 }, mode);
    const frames = cases.flatMap((c) => Array.from({ length: Math.min(c.frame.length, 200) - 14 }, (_, i) => c.frame.subarray(0, 14 + i)));
    // Where the stack takes the outer tag off an incoming frame first, it drops one that ends inside it.
    const direction = mode.startsWith("xdp") ? "in" : "out";
    if (direction === "in") session.wire.sendIn(frames);
    else session.wire.sendOut(frames);
    const row = await session.settle(direction, frames.length);
    const wrong = session.records.filter((rec) => rec.capLen !== Math.min(64, rec.wireLen));
    expect([row.total.frames, wrong.length]).toEqual([frames.length, 0]);
  });

  test(`random bytes behind every EtherType, seed ${seed}`, async () => {
    await using session = new Session({ snaplen: 32 }, "xdp-native");
    let state = seed >>> 0 || 1;
    const random = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 8;
    };
    const types = [0x0800, 0x86dd, 0x0806, 0x8100, 0x88a8, 0x88cc];
    const frames = Array.from({ length: 20_000 }, (_, i) => {
      const type = types[i % types.length] ?? 0;
      const payload = Buffer.from(Array.from({ length: random() % 120 }, random));
      // Past the version nibble, or nearly all would end there.
      if (payload[0] !== undefined && i % 2 === 0) payload[0] = type === 0x0800 ? 0x45 : 0x60;
      return ether(type, payload);
    });
    session.wire.sendIn(frames);
    const row = await session.settle("in", frames.length);
    const classes = protoClasses.reduce((sum, proto) => sum + row.proto[proto].frames, 0);
    expect(classes).toBe(frames.length);
    expect(session.records).toHaveLength(row.delivered);
  });
});
