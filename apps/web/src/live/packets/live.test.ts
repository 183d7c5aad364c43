import { describe, expect, it, vi } from "vitest";
import { ether, ipv4, udp } from "../../../../../packages/bpf/test/support/frames.ts";
import { recordBatch, type RecordSpec } from "../../domain/testRecords.ts";
import type { LiveHost } from "./messages.ts";
import { started } from "./testClient.ts";

const host: LiveHost = {
  id: "1",
  name: "web-1",
  labels: { env: "prod" },
  interfaces: new Map([[3, "eth0"]]),
  offsetNs: 1_700_000_000_000_000_000n,
};
const packet = ipv4({ proto: 17, payload: udp({ sport: 7, dport: 9, payload: Buffer.from("x") }) });
const ethernet: RecordSpec = { bytes: ether(0x0800, packet).toString("hex"), ifindex: 3, u8: { direction: 2 } };
/** Flags of abi.h: the tag lies beside the frame; the packet begins at IP. */
const tagged: RecordSpec = { ...ethernet, u8: { direction: 1, flags: 0x05 }, u16: { vlanTci: 42 }, wireLen: packet.length + 18 };
const bare: RecordSpec = { bytes: packet.toString("hex"), ifindex: 4, u8: { direction: 1, flags: 0x20 } };

const batch = (...records: readonly RecordSpec[]): ArrayBuffer =>
  recordBatch(records.map((record, i) => ({ ...record, tsNs: BigInt(i) * 1000n }))).buffer;

describe("a live table", () => {
  it("takes records of hosts as packets", async () => {
    const client = started();
    await client.beginLive(100, "web-1");
    await client.append(host, batch(ethernet, tagged, bare));
    expect(await client.filter('host.label.env == "prod" && udp')).toEqual({ ok: true, count: 3 });
    const { rows } = await client.rows(0, 9);
    expect(
      rows.map(({ timeNs, interfaceName, host: name, direction, length }) => [timeNs, interfaceName, name, direction, length]),
    ).toEqual([
      [host.offsetNs, "eth0", "web-1", "out", packet.length + 14],
      [host.offsetNs + 1000n, "eth0", "web-1", "in", packet.length + 18],
      [host.offsetNs + 2000n, "interface 4", "web-1", "in", packet.length],
    ]);
    expect(await client.filter("vlan.id == 42")).toEqual({ ok: true, count: 1 });
    expect((await client.detail(3))?.linkType).toBe(101);
    await vi.waitFor(() => expect(client.snapshot()).toMatchObject({ phase: "live", packets: 3, name: "web-1" }));
  });

  it("keeps the last packets, with their numbers, comments and places in the view", async () => {
    const client = started();
    await client.beginLive(10, "");
    await client.filter("vlan");
    for (let i = 0; i < 5; i++) {
      await client.append(host, batch(ethernet, ethernet, tagged));
      if (i === 0) await client.mark([3], true);
      await client.comment(12, "stays");
    }
    await vi.waitFor(() => expect(client.snapshot()).toMatchObject({ packets: 10, firstNumber: 6, shown: 4 }));
    expect((await client.rows(0, 9)).rows.map(({ number, marked }) => [number, marked])).toEqual([
      [6, false],
      [9, false],
      [12, false],
      [15, false],
    ]);
    await client.append(host, batch(ethernet, ethernet, ethernet));
    expect((await client.rows(0, 9)).rows.map(({ number, comments }) => [number, ...comments])).toEqual([[9], [12, "stays"], [15]]);
    expect(await client.detail(6)).toBeNull();
  });

  it("leaves out what is no batch, and what comes when it is not live", async () => {
    const client = started();
    await client.beginLive(10, "");
    await client.append(host, new ArrayBuffer(7));
    await client.cancel();
    await client.append(host, batch(ethernet));
    expect(await client.filter("")).toEqual({ ok: true, count: 0 });
  });
});
