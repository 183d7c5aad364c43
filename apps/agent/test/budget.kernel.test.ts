import type { FiltersMessage } from "@sonde/protocol";
import { describe, expect, test } from "vitest";
import { filter } from "../../../packages/bpf/test/support/compile.ts";
import { decodeFilterCounters, filterGap } from "../../../packages/bpf/test/support/decode.ts";
import { ether, ipv4, tcp, udp } from "../../../packages/bpf/test/support/frames.ts";
import { until } from "../../../packages/bpf/test/support/netns.ts";
import { Session } from "../../../packages/bpf/test/support/session.ts";
import { gated, needs } from "../../../test/support/needs.ts";
import { EngineCounts } from "../src/capture/engine-counts.ts";
import { measureCost } from "../src/capture/filter-cost.ts";
import { judgeFilters } from "../src/capture/filter-set.ts";
import { Recording } from "../src/commands/recording.ts";
import type { Sampling, Totals } from "../src/sampling.ts";

const BUDGET = 5000;
/** Frames of one control period. At 1 in 20 they make 4,500 records, some 65 more or less: never over the budget. */
const FLOOD = 90_000;
const frames = [
  ...Array.from({ length: 9 }, () => ether(0x0800, ipv4({ proto: 6, payload: tcp({ payload: Buffer.alloc(200) }) }))),
  ether(0x0800, ipv4({ proto: 17, payload: udp() })),
];

const gate = gated(needs.root, needs.btf, needs.tcpdump, needs.tcpreplay);

/** An agent's recording on one wire; a control period is a flood, however long the machine takes for it. */
class Rig {
  readonly session = new Session();
  readonly stamped: Sampling[] = [];
  readonly logged: string[] = [];
  readonly #counts = new EngineCounts(this.session.engine, 0n);
  #nowMs = 0;
  #sent = 0;
  #before = 0n;
  readonly recording = new Recording({
    engine: this.session.engine,
    setBatchSampling: (sampling) => this.stamped.push(sampling),
    judge: { judge: (task) => Promise.resolve(judgeFilters(task, measureCost)), stop: () => Promise.resolve() },
    beforeLoad: () => undefined,
    events: { filters: () => undefined, captures: () => undefined, budget: ({ step }) => this.logged.push(step) },
    limits: () => ({ snaplen: 128 }),
    onChange: () => undefined,
    bootNs: () => 0n,
    after: () => () => undefined,
    builtIn: { sampleN: 1, snaplen: 128 },
    budget: BUDGET,
    nowMs: () => this.#nowMs,
    cpuSeconds: () => 0,
    queueLost: () => 0n,
  });

  /** Floods, ends the period, and answers how many records it made. */
  async period(floods: number): Promise<number> {
    if (floods > 0) await this.session.wire.sendInLater(frames, "--topspeed", `--loop=${(floods * FLOOD) / frames.length}`);
    this.#sent += floods * FLOOD;
    const { session } = this;
    await until(`${this.#sent} frames`, () => session.row("in").total.frames === this.#sent);
    await until("their records", () => session.records.length === session.row("in").delivered);
    this.#nowMs += 1000;
    let made = 0;
    this.#counts.deliver({ counted: (totals) => (made = this.#take(totals)), counters: () => true }, false);
    return made;
  }

  #take(totals: Totals): number {
    this.recording.counted(totals);
    const made = Number(totals.delivered + totals.ringLost - this.#before);
    this.#before = totals.delivered + totals.ringLost;
    return made;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.session[Symbol.asyncDispose]();
  }
}

describe.skipIf(gate.skip)(gate.name("a budget of 5,000 records a second in a flood"), () => {
  test("holds from the second control period on, and the ledger balances", async () => {
    await using rig = new Rig();
    expect(await rig.period(1)).toBe(FLOOD); // at N = 1, until the first period has ended
    expect(rig.recording.status).toMatchObject({ sampleN: 20, budget: { recordsPerSecond: BUDGET, sampleN: 20, step: "full" } });
    for (let i = 0; i < 5; i++) expect(await rig.period(1)).toBeLessThanOrEqual(BUDGET);
    expect(await rig.period(3)).toBeGreaterThan(BUDGET); // three times the load
    expect(await rig.period(3)).toBeLessThanOrEqual(BUDGET);
    expect(rig.stamped.map((each) => each.sampleN)).toEqual([20, 100]);
    for (let i = 0; i < 6; i++) await rig.period(0);
    expect(rig.recording.status).toMatchObject({ sampleN: 1 });
    const row = await rig.session.settle("in", 12 * FLOOD);
    expect(row.delivered).toBe(rig.session.records.length);
    expect([...new Set(rig.session.records.map((record) => record.sampleN))]).toEqual([1, 20, 100]);
  });

  test("scales each filter that takes more than its part, and leaves the rare ones alone", async () => {
    await using rig = new Rig();
    const asked = [filter("tcp"), filter("udp", { sampleN: 100 }), filter("icmp")].map(({ ethernet, raw, ...rate }, at) => {
      const program = (from: typeof ethernet): FiltersMessage["filters"][number]["raw"] =>
        from.map(({ code, jt, jf, k }) => [code, jt, jf, k]);
      return { id: String(at), expression: "", ethernet: program(ethernet), raw: program(raw), ...rate };
    });
    expect(await rig.recording.filters({ type: "filters", number: 3, filters: asked })).toMatchObject({ ok: true });
    await rig.period(1);
    expect(await rig.period(1)).toBeLessThanOrEqual(BUDGET);
    expect(rig.recording.status).toMatchObject({ sampleN: 20, snaplen: 128, budget: { sampleN: 20 } });
    await rig.session.engine.stop();
    const rows = decodeFilterCounters(rig.session.engine.readFilterCounters()).filter((row) => row.filterSet === 3);
    expect(rows.map((row) => [row.matched, filterGap(row)])).toEqual([
      [2 * FLOOD * 0.9, 0],
      [2 * FLOOD * 0.1, 0],
      [0, 0],
    ]);
    // udp at 1 in 100 both times: 180 of 18,000, give or take six deviations
    expect(Math.abs((rows[1]?.delivered ?? 0) + (rows[1]?.ringLost ?? 0) - 180)).toBeLessThan(80);
  });

  test("a rate fixed by the hub takes the budget's place", async () => {
    await using rig = new Rig();
    rig.recording.fix({ sampleN: 1, snaplen: 0 });
    for (let i = 0; i < 2; i++) expect(await rig.period(1)).toBe(FLOOD);
    expect(rig.recording.status).toEqual({ sampleN: 1, snaplen: 0 });
  });
});
