import { beforeAll, describe, expect, test } from "vitest";
import { gated, needs } from "../../../test/support/needs.ts";
import { chooseSeed, seeded } from "../../../test/support/random.ts";
import type { AttachMode } from "../src/index.ts";
import { decodeFilterCounters, filterGap, ledgerGap } from "./support/decode.ts";
import { decodeFlows, flowGap } from "./support/flows.ts";
import { type Flood, Received, column, expectedCounts, filtersOf, knownFlood } from "./support/ledger.ts";
import { Session } from "./support/session.ts";

/* 32 overlapping filters under a flood: every packet is in one class of the ledger, per interface and per filter. */

const gate = gated(needs.root, needs.btf, needs.tcpreplay);
const seed = chooseSeed(process.env["SONDE_SEED"]);
const SET = 9;

describe.skipIf(gate.skip)(gate.name(`the ledger of 32 filters (SONDE_SEED=${seed})`), () => {
  let flood: Flood;
  beforeAll(() => {
    flood = knownFlood(seeded(seed), 1_500);
  });

  test.each<[mode: AttachMode, ring: string, ringBytes: number, loops: number]>([
    ["tcx", "8 MiB", 8 << 20, 80],
    ["xdp-native", "8 MiB", 8 << 20, 80],
    ["socket", "8 MiB", 8 << 20, 40],
    ["tcx", "4 KiB", 4096, 40],
    ["xdp-native", "4 KiB", 4096, 40],
  ])("%s, a ring of %s: to the packet", async (mode, _name, ringBytes, loops) => {
    const small = ringBytes === 4096;
    const filters = filtersOf(flood, small ? 128 : 1500);
    await using session = new Session({ ringBytes }, mode);
    await session.engine.stop(); // its records are not kept
    session.engine.setFilters({ number: SET, filters });
    const received = new Received(filters);
    session.engine.start((batch) => received.take(batch));
    await session.wire.sendInLater(flood.frames, "-K", "--topspeed", `--loop=${loops}`);
    const sent = flood.frames.length * loops;
    const row = await session.settle("in", sent);
    const rows = decodeFilterCounters(session.engine.readFilterCounters()).filter(({ filterSet }) => filterSet === SET);
    const wanted = expectedCounts(flood, sent);
    expect(wanted.unmatched).toBeGreaterThan(0);

    expect([row.total.frames, ledgerGap(row), row.unmatched, row.noReader]).toEqual([sent, 0, wanted.unmatched, 0]);
    const flows = decodeFlows(await session.engine.drainFlows());
    expect(flowGap(row, flows)).toEqual({ frames: 0, packets: 0, bytes: 0 });
    expect(column(rows, "matched")).toEqual(wanted.matched);
    expect(rows.map(filterGap)).toEqual(filters.map(() => 0));
    expect(received.wrong).toEqual([]);
    expect(received.records).toBe(row.delivered);
    expect(received.selected).toEqual(column(rows, "delivered"));
    // Whoever takes every packet is in all records that match it; whoever samples is not.
    filters.forEach(({ sampleN }, bit) => {
      if (sampleN === 1) expect(received.matched[bit]).toBe(received.selected[bit]);
      else expect(received.matched[bit]).toBeGreaterThanOrEqual(received.selected[bit] ?? 0);
    });
    expect(row.delivered).toBeGreaterThan(0);
    if (small) {
      expect(row.ringLost).toBeGreaterThan(0);
      expect(column(rows, "ringLost").some((lost) => lost > 0)).toBe(true);
    }
    process.stdout.write(
      `${mode}: ${sent} frames, ${row.delivered} delivered, ${row.ringLost} lost in the ring, ${row.sampledOut} sampled out\n`,
    );
  });
});
