import { BATCH_HEADER_BYTES, RECORD_HEADER_BYTES, RecordFlag, recordAt, viewOf } from "@sonde/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectTo, ledgerOn, newRunOn, of, person, type Run } from "../../../test/agent-runs.ts";
import { recordBatch } from "../../../test/batches.ts";
import { ask, startTestHub, type TestHub } from "../../../test/hub.ts";
import { setRetention } from "../services/settings/retention.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub.stop());

/** A TCP packet over IPv4 with a VLAN tag, a malformed one over IPv6 from an unknown interface, and one of ARP's successors. */
function packets(run: Run, sequence: number): Uint8Array {
  const bytes = recordBatch(of(run, sequence), 3);
  const view = viewOf(bytes);
  const write = (i: number, fields: { [K in keyof typeof recordAt]?: number }): number => {
    const at = BATCH_HEADER_BYTES + i * RECORD_HEADER_BYTES;
    for (const [name, value] of Object.entries(fields)) {
      const to = at + recordAt[name as keyof typeof recordAt];
      if (["ifindex", "sampleN", "wireLen"].includes(name)) view.setUint32(to, value, true);
      else if (name.endsWith("Be")) view.setUint16(to, value);
      else if (name === "vlanTci") view.setUint16(to, value, true);
      else view.setUint8(to, value);
    }
    return at;
  };
  const first = write(0, {
    ifindex: 2,
    sampleN: 10,
    wireLen: 1514,
    sportBe: 40_000,
    dportBe: 443,
    ethProtoBe: 0x0800,
    vlanTci: 0x6064,
    flags: RecordFlag.vlan,
    direction: 1,
    verdict: 1,
    ipProto: 6,
    tcpFlags: 0x12,
  });
  view.setBigUint64(first + recordAt.tsNs, 1_500_000_000n, true);
  view.setBigUint64(first + recordAt.matched, 0x8000_0000_0000_0001n, true);
  bytes.set([192, 0, 2, 1], first + recordAt.saddr);
  bytes.set([198, 51, 100, 2], first + recordAt.daddr);
  const second = write(1, { ifindex: 99, ethProtoBe: 0x86dd, direction: 2, parseErr: 40 });
  view.setBigUint64(second + recordAt.tsNs, 2_000_000_000n, true);
  bytes.set([0x20, 0x01, 0x0d, 0xb8], second + recordAt.saddr);
  write(2, { ifindex: 2, ethProtoBe: 0x88cc, direction: 1 });
  return bytes;
}

test("records become rows while an operator asks for it; resending changes nothing", async () => {
  const run = await newRunOn(hub);
  const { socket } = await connectTo(hub, run);
  const rows = async (): Promise<Record<string, unknown>[]> => {
    const sql = `SELECT p.*, direction::int, verdict::int, malformed::int, tunnel::int,
      round(extract(epoch FROM max(at) OVER () - at) * 1000)::int AS age_ms FROM packet_records p
      JOIN host ON host.number = p.host WHERE host.id = $1 ORDER BY wire_len DESC, source_port DESC, source_address NULLS LAST`;
    return (await hub.ctx.series.query(sql, [run.hostId])).rows;
  };
  expect(await ask(socket, "batch", packets(run, 1))).toEqual({ ok: true });
  expect(await rows()).toEqual([]);
  await setRetention({ ctx: hub.ctx, actor: person, input: { keepPackets: true } });
  for (let i = 0; i < 2; i++) expect(await ask(socket, "batch", packets(run, 2))).toEqual({ ok: true });
  const { id: interfaceId } = (await hub.ctx.db.interface.findFirst({ where: { hostId: run.hostId, name: "eth0" } }))!;
  expect(await rows()).toMatchObject([
    {
      interface_id: interfaceId,
      matched: "-9223372036854775807",
      sample_n: 10,
      wire_len: 1514,
      source_address: "192.0.2.1",
      destination_address: "198.51.100.2",
      source_port: 40_000,
      destination_port: 443,
      vlan: 100,
      protocol: 6,
      tcp_flags: 0x12,
      direction: 1,
      verdict: 1,
      malformed: 0,
      tunnel: 0,
      age_ms: 500,
    },
    { interface_id: 0, source_address: "2001:db8::", destination_address: "::", vlan: -1, direction: 2, malformed: 40, age_ms: 0 },
    { interface_id: interfaceId, source_address: null, destination_address: null, age_ms: 2000 },
  ]);
  expect(await ledgerOn(hub, run)).toMatchObject({ stored: "6" });
  await setRetention({ ctx: hub.ctx, actor: person, input: { keepPackets: false } });
  expect(await ask(socket, "batch", packets(run, 3))).toEqual({ ok: true });
  expect(await rows()).toHaveLength(3);
});
