import { availableParallelism } from "node:os";
import { describe, expect, test } from "vitest";
import { clockBoottimeNs } from "../src/index.ts";
import { arp, ether, hex, icmp, ipv4, ipv6, tcp, udp } from "./support/frames.ts";
import { type Flow, decodeFlows, flowGap, sumCounts } from "./support/flows.ts";
import { kernelMissing } from "./support/netns.ts";
import { Session } from "./support/session.ts";

const missing = kernelMissing();
const none = { frames: 0, packets: 0, bytes: 0 };
const data = Buffer.alloc(40, 7);
const four = (payload: Buffer, proto: number, ...tags: (readonly [number, number])[]): Buffer =>
  ether(0x0800, ipv4({ proto, payload }), ...tags);
const inside = ether(0x0800, ipv4({ proto: 6, payload: tcp({ dport: 8080, flags: 0x18 }) }));
const vxlan = (vni: string): Buffer =>
  four(udp({ sport: 50_000, dport: 4789, payload: Buffer.concat([hex(`08000000${vni}00`), inside]) }), 17);
/** The n-th of many flows. */
const nth = (n: number): Buffer => four(udp({ sport: n & 0xffff, dport: n >> 16, payload: data }), 17);
const flood = (flows: number): Buffer[] => Array.from({ length: flows }, (_, n) => nth(n));

const drain = async (session: Session): Promise<Flow[]> => decodeFlows(await session.engine.drainFlows());
const name = (flow: Flow): string =>
  `${flow.ipProto} ${flow.sport}>${flow.dport} family ${flow.family} vlan ${flow.vlan}/${flow.vlanInner} tunnel ${flow.tunnel}:${flow.tunnelId}`;

/** Frames per flow, whichever CPUs saw them. */
function framesByFlow(flows: readonly Flow[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const flow of flows) sums[name(flow)] = (sums[name(flow)] ?? 0) + flow.frames;
  return sums;
}

describe.skipIf(missing)(`flows${missing ? ` (${missing})` : ""}`, () => {
  test.each(["tcx", "clsact", "xdp-native", "xdp-generic", "socket"] as const)(
    "%s: what keeps flows apart, to the packet and byte",
    async (mode) => {
      await using session = new Session({}, mode);
      const kinds: readonly (readonly [string, Buffer, number])[] = [
        ["6 51966>443 family 4 vlan 0/0 tunnel 0:0", four(tcp({ flags: 0x02 }), 6), 3],
        ["6 51966>443 family 4 vlan 4196/0 tunnel 0:0", four(tcp({ flags: 0x02 }), 6, [0x8100, 100]), 2],
        ["6 51966>443 family 4 vlan 4196/4103 tunnel 0:0", four(tcp(), 6, [0x88a8, 100], [0x8100, 0x6007]), 4],
        ["6 51966>443 family 6 vlan 0/0 tunnel 0:0", ether(0x86dd, ipv6({ next: 6, payload: tcp({ flags: 0x10 }) })), 1],
        ["17 5353>53 family 4 vlan 0/0 tunnel 0:0", four(udp({ payload: data }), 17), 5],
        ["1 2048>4660 family 4 vlan 0/0 tunnel 0:0", four(icmp(8), 1), 2],
        ["132 7>9 family 4 vlan 0/0 tunnel 0:0", four(hex("0007 0009 00000001 00000000"), 132), 2],
        ["50 0>0 family 4 vlan 0/0 tunnel 0:0", four(data, 50), 1],
        ["6 51966>8080 family 4 vlan 0/0 tunnel 1:42", vxlan("00002a"), 3],
        ["6 51966>8080 family 4 vlan 0/0 tunnel 1:43", vxlan("00002b"), 1],
        ["6 51966>8080 family 4 vlan 0/0 tunnel 0:0", inside, 2],
      ];
      const frames = kinds.flatMap(([, frame, times]) => Array.from({ length: times }, () => frame));
      const others = [ether(0x0806, arp()), ether(0x88cc, data), ether(0x0800, ipv4({ proto: 6, payload: tcp().subarray(0, 12) }))];
      const before = clockBoottimeNs();
      session.wire.sendIn([...frames, ...others]);
      const row = await session.settle("in", frames.length + others.length);
      const flows = await drain(session);
      const after = clockBoottimeNs();
      expect(framesByFlow(flows)).toEqual(Object.fromEntries(kinds.map(([flow, , times]) => [flow, times])));
      expect(row.nonFlow).toEqual({ frames: 3, packets: 3, bytes: others.reduce((sum, frame) => sum + frame.length, 0) });
      expect(row.unflowed).toEqual(none);
      expect(flowGap(row, flows)).toEqual(none);
      const jiffy = 10_000_000n;
      for (const flow of flows) {
        expect(flow.firstNs).toBeLessThanOrEqual(flow.lastNs);
        expect(flow.firstNs).toBeGreaterThan(before - jiffy);
        expect(flow.lastNs).toBeLessThan(after + jiffy);
        expect(flow.verdict).toBe(0);
      }
      expect(flows.find((flow) => flow.tunnelId === 42)).toMatchObject({ saddr: `c0000201${"0".repeat(24)}`, tcpFlags: 0x18 });
      expect(await drain(session)).toEqual([]);
    },
  );

  test("the flags of all segments, the times of the first and the last", async () => {
    await using session = new Session();
    session.wire.sendOut([four(tcp({ flags: 0x02 }), 6), four(tcp({ flags: 0x10 }), 6), four(tcp({ flags: 0x11 }), 6)], "--pps=20");
    await session.settle("out", 3);
    const flows = await drain(session);
    expect(flows.reduce((all, flow) => all | flow.tcpFlags, 0)).toBe(0x13);
    const first = flows.reduce((least, { firstNs }) => (firstNs < least ? firstNs : least), flows[0]?.firstNs ?? 0n);
    const last = flows.reduce((most, { lastNs }) => (lastNs > most ? lastNs : most), 0n);
    expect(Number(last - first) / 1e6).toBeGreaterThan(80); // two gaps of 50 ms, each time to a jiffy
  });

  test("20,000 flows that drive each other out of their places: each exact", async () => {
    // Each CPU that sees a flow takes an entry of its own.
    await using session = new Session({ sampleN: 0xffffffff, flowEntries: 20_000 * availableParallelism() });
    session.wire.sendIn(flood(20_000), "--topspeed", "--loop=3");
    const row = await session.settle("in", 60_000);
    const flows = await drain(session);
    expect(row.unflowed).toEqual(none);
    expect(flowGap(row, flows)).toEqual(none);
    const counts = Object.values(framesByFlow(flows));
    expect(counts).toHaveLength(20_000);
    expect(new Set(counts)).toEqual(new Set([3]));
  });

  test("10,000 flows over a map of 1,000: what finds no room is counted, to the packet", async () => {
    await using session = new Session({ flowEntries: 1000, sampleN: 0xffffffff });
    session.wire.sendIn([...flood(10_000), ether(0x0806, arp())], "--topspeed", "--loop=3");
    const row = await session.settle("in", 30_003);
    const flows = await drain(session);
    expect(row.nonFlow.frames).toBe(3);
    expect(row.unflowed.frames).toBeGreaterThan(0);
    expect(flowGap(row, flows)).toEqual(none);
    session.wire.sendIn(flood(100)); // after a drain there is room again
    const later = await session.settle("in", 30_103);
    expect(later.unflowed).toEqual(row.unflowed);
    expect(sumCounts(await drain(session)).frames).toBe(100);
  });

  test("drains while packets flow forget none and double none", async () => {
    await using session = new Session({ flowEntries: 2000, sampleN: 0xffffffff });
    const flows: Flow[] = [];
    const sent = session.wire.sendInLater(flood(5000), "--topspeed", "--loop=60");
    let running = true;
    void sent.then(() => (running = false));
    for (let drains = 0; running || drains < 2; drains++) flows.push(...(await drain(session)));
    await sent;
    const row = await session.settle("in", 300_000);
    flows.push(...(await drain(session)));
    expect(row.total.frames).toBe(300_000);
    expect(flowGap(row, flows)).toEqual(none);
  });

  test("one drain at a time, and close() waits for it", async () => {
    const session = new Session();
    const first = session.engine.drainFlows();
    await expect(session.engine.drainFlows()).rejects.toMatchObject({ code: "BUSY" });
    const closed = session[Symbol.asyncDispose]();
    expect(new DataView(await first).getUint32(8, true)).toBe(0);
    await closed;
    await expect(session.engine.drainFlows()).rejects.toMatchObject({ code: "CLOSED" });
  });
});
