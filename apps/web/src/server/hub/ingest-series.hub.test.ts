import { afterAll, beforeAll, expect, test } from "vitest";
import { connectTo, ledgerOn, newRunOn, of, row } from "../../../test/agent-runs.ts";
import { counterBatch, filterBatch, flowBatch } from "../../../test/batches.ts";
import { ask, startTestHub, type TestHub } from "../../../test/hub.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
}, 60_000);
afterAll(() => hub.stop());

test("flow records become rows and their part of the ledger; resending changes nothing (SPEC 6.5)", async () => {
  const run = await newRunOn(hub);
  const { socket } = await connectTo(hub, run);
  const counters = counterBatch(of(run, 1), [{ ...row(20), dropped: 4, unflowed: 3, nonFlow: 5 }]);
  const flows = flowBatch(
    of(run, 1),
    [
      { ifindex: 2, direction: 1, frames: 9 },
      { ifindex: 2, direction: 2, frames: 7, family: 6, vlan: 100, tunnelId: 0xffff_ffff },
    ],
    11n,
  );
  const sent = [counters, flows, flows];
  expect(await Promise.all(sent.map((bytes) => ask(socket, "batch", bytes)))).toEqual(Array(3).fill({ ok: true }));
  socket.disconnect();
  const second = await connectTo(hub, run);
  expect(second.hello).toMatchObject({ committed: { records: "0", counters: "1", flows: "1", filterCounters: "0" } });
  expect(await ask(second.socket, "batch", flows)).toEqual({ ok: true });

  const { rows } = await hub.ctx.series.query(
    `SELECT f.*, ${["direction", "tunnel", "verdict", "end_reason"].map((name) => `f.${name}::int`).join(", ")} FROM flow_records f
     JOIN host ON host.number = f.host WHERE host.id = $1 ORDER BY 1`,
    [run.hostId],
  );
  const common = { first_ms: 1000, last_ms: 0, source_port: 40_000, destination_port: 443, protocol: 6 };
  expect(rows).toMatchObject([
    {
      ...common,
      frames: 9,
      packets: 18,
      bytes: "900",
      source_address: "192.0.2.1",
      destination_address: "198.51.100.2",
      vlan: -1,
      tunnel: 0,
      tunnel_id: 0,
      tcp_flags: 0xdb,
      verdict: 0,
      end_reason: 1,
      direction: 1,
    },
    {
      ...common,
      frames: 7,
      source_address: "2001:db8::1",
      vlan: 100,
      vlan_inner: -1,
      tunnel: 1,
      tunnel_id: -1,
      direction: 2,
    },
  ]);
  expect(await ledgerOn(hub, run)).toMatchObject({
    seen: "24",
    flows: "2",
    flowFrames: "16",
    unflowed: "3",
    nonFlow: "5",
    lostFlows: "11",
  });
  const counted = await hub.ctx.series.query("SELECT * FROM interface_counters WHERE host_id = $1", [run.hostId]);
  expect(counted.rows).toMatchObject([
    {
      rx_tcp4_frames: "24",
      rx_tcp4_packets: "25",
      rx_drop_tcp4_frames: "4",
      rx_drop_udp4_frames: null,
      rx_unflowed_packets: "3",
      rx_non_flow_bytes: "5",
      rx_tcp_syn: "20",
      rx_tcp_fin: null,
      rx_size_64: "20",
      rx_size_65536: null,
    },
  ]);
});

test("counters of filters become rows by set and bit", async () => {
  const run = await newRunOn(hub);
  const { socket } = await connectTo(hub, run);
  const bytes = filterBatch(of(run, 1), [
    [4_294_967_295, 63, 10],
    [0, 0, 4],
  ]);
  expect(await Promise.all([ask(socket, "batch", bytes), ask(socket, "batch", bytes)])).toEqual([{ ok: true }, { ok: true }]);
  const { rows } = await hub.ctx.series.query("SELECT * FROM filter_counters WHERE host_id = $1 ORDER BY bit", [run.hostId]);
  expect(rows).toMatchObject([
    { filter_set: "0", bit: 0, matched: "4", sampled_out: "2", ring_lost: "0", no_reader: "0", delivered: "2" },
    { filter_set: "4294967295", bit: 63, matched: "10", interval_ns: "1000000000", boot_ns: "2000000000" },
  ]);
  const more = [filterBatch(of(run, 2), [[0, 0, 6]]), filterBatch(of(run, 3), [[0, 0, 2]])];
  await Promise.all(more.map((batch) => ask(socket, "batch", batch)));
  const totals = await hub.ctx.db.filterTotal.findMany({ where: { hostId: run.hostId }, orderBy: { bit: "asc" } });
  expect(totals).toMatchObject([
    { filterSet: 0n, bit: 0, matched: 12n, sampledOut: 6n, ringLost: 0n, noReader: 0n, delivered: 6n },
    { filterSet: 4_294_967_295n, bit: 63, matched: 10n },
  ]);
  expect(await ledgerOn(hub, run)).toMatchObject({ seen: "0", stored: "0" });
});
