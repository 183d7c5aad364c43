import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clockBoottimeNs } from "@sonde/bpf";
import {
  BATCH_HEADER_BYTES,
  BatchKind,
  COUNTER_ROW_BYTES,
  FILTER_ROW_BYTES,
  FLOW_BYTES,
  type FiltersAck,
  agentMessageSchema,
  checkBatch,
  counterRowAt,
  filtersAckSchema,
  flowAt,
  recordAt,
  viewOf,
} from "@sonde/protocol";
import type { Socket } from "socket.io";
import { afterEach, describe, expect, test, vi } from "vitest";
import { ether, ipv4, udp } from "../../../packages/bpf/test/support/frames.ts";
import { type Flood, expectedCounts, filtersOf, knownFlood } from "../../../packages/bpf/test/support/ledger.ts";
import { Wire } from "../../../packages/bpf/test/support/netns.ts";
import { gated, needs } from "../../../test/support/needs.ts";
import { chooseSeed, seeded } from "../../../test/support/random.ts";
import { prepareStateDir, writeCredential } from "../src/control/credential.ts";
import { bin } from "./built.ts";
import { type Answer, startHub } from "./hub.ts";

/* The agent is stopped in the middle of a flood, past its lease, and goes on: what reaches the hub adds up to the packet. */

const gate = gated(needs.root, needs.btf, needs.tcx, needs.tcpreplay);
const seed = chooseSeed(process.env["SONDE_SEED"]);
const SET = 4;
/** The engine's lease (packages/bpf/native/engine.cc), and what a tick and its rounding may add. */
const LEASE_NS = 10_300_000_000n;
const PROBE_PORT = 7777;
/** Taken by the filter `udp`, which samples none out. */
const probe = ether(0x0800, ipv4({ proto: 17, payload: udp({ sport: PROBE_PORT }) }));
const classes = ["unmatched", "sampledOut", "ringLost", "noReader", "delivered"] as const;
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 30_000, interval: 20 });

/** What the hub got of one interface's incoming packets, added up. */
class Seen {
  answer: FiltersAck | null = null;
  frames = 0;
  records = 0;
  probes = 0;
  otherSets = 0;
  /** Frames in flow records, in no flow and unflowed. */
  flowed = 0;
  readonly classed: Record<(typeof classes)[number], number> = { unmatched: 0, sampledOut: 0, ringLost: 0, noReader: 0, delivered: 0 };

  take(view: DataView): void {
    const checked = checkBatch(view);
    if (!checked.ok) throw new Error(checked.code);
    const { kind, count, filterSet } = checked.value;
    if (kind === BatchKind.records && filterSet !== SET) this.otherSets++;
    const read = {
      [BatchKind.records]: (at: number) => this.#record(view, at),
      [BatchKind.counters]: (at: number) => this.#row(view, at),
      [BatchKind.flows]: (at: number) => this.#flow(view, at),
      [BatchKind.filterCounters]: () => FILTER_ROW_BYTES,
    }[kind];
    let at = BATCH_HEADER_BYTES;
    for (let i = 0; i < count; i++) at += read(at);
  }

  #record(view: DataView, at: number): number {
    this.records++;
    if (view.getUint16(at + recordAt.sportBe) === PROBE_PORT) this.probes++;
    return view.getUint16(at + recordAt.recLen, true);
  }

  #flow(view: DataView, at: number): number {
    this.flowed += Number(view.getBigUint64(at + flowAt.frames, true));
    return FLOW_BYTES;
  }

  #row(view: DataView, at: number): number {
    const u64 = (offset: number): number => Number(view.getBigUint64(at + offset, true));
    for (let proto = counterRowAt.proto; proto < counterRowAt.unmatched; proto += counterRowAt.protoStride) this.frames += u64(proto);
    for (const each of classes) this.classed[each] += u64(counterRowAt[each]);
    this.flowed += u64(counterRowAt.unflowed) + u64(counterRowAt.nonFlow);
    return COUNTER_ROW_BYTES;
  }
}

function serve(socket: Socket, seen: Seen, flood: Flood): void {
  const filters = filtersOf(flood).map(({ ethernet, raw, sampleN, snaplen }, i) => {
    const [program, bare] = [ethernet, raw].map((each) => each.map(({ code, jt, jf, k }) => [code, jt, jf, k]));
    return { id: String(i), expression: "?", ethernet: program, raw: bare, sampleN, snaplen };
  });
  socket.on("message", (input: unknown, answer: Answer) => {
    const { type } = agentMessageSchema.parse(input);
    if (type === "hello" || type === "resume")
      answer({ ok: true, committed: { records: "0", counters: "0", flows: "0", filterCounters: "0" }, endpoints: [], window: 16 });
    else answer({ ok: true });
    if (type === "interfaces" && seen.answer === null)
      socket.emit("message", { type: "filters", number: SET, filters }, (ack: unknown) => (seen.answer = filtersAckSchema.parse(ack)));
  });
  socket.on("batch", (bytes: Buffer, answer: Answer) => {
    seen.take(viewOf(bytes));
    answer({ ok: true });
  });
}

let agent: ChildProcess | undefined;

describe.skipIf(gate.skip)(gate.name(`an agent that is stopped (SONDE_SEED=${seed})`), () => {
  afterEach(() => {
    agent?.kill("SIGKILL");
  });

  test("its ledger at the hub balances to the packet", { timeout: 180_000 }, async () => {
    const flood = knownFlood(seeded(seed), 1_500);
    const seen = new Seen();
    const state = mkdtempSync(join(tmpdir(), "sonde-stopped-"));
    using wire = new Wire();
    const hub = await startHub({ onAgent: (socket) => serve(socket, seen, flood) });
    try {
      prepareStateDir(state);
      const credential = { hostId: randomUUID(), name: "test", credential: "sonde_agent_0123456789abcdef" };
      writeCredential(state, { version: 1, hub: hub.url.origin, pin: null, enrolledAt: new Date().toISOString(), ...credential });
      agent = spawn(process.execPath, [bin, "run", "--state", state, "--interface", wire.local, "--sample", "1"], {
        stdio: ["ignore", "ignore", "inherit"],
      });
      const child = agent;
      const exited = new Promise((resolve) => child.on("exit", resolve));
      await until(() => expect(seen.answer).toMatchObject({ ok: true, report: { number: SET } }));

      const first = wire.sendInLater(flood.frames, "-K", "--pps=20000", "--loop=20");
      await until(() => expect(seen.records).toBeGreaterThan(0));
      child.kill("SIGSTOP");
      const stopped = clockBoottimeNs();
      await first;
      if (clockBoottimeNs() - stopped > 8_000_000_000n) throw new Error("this machine was too slow to send its flood within the lease");
      await until(() => expect(clockBoottimeNs()).toBeGreaterThan(stopped + LEASE_NS));
      await wire.sendInLater(flood.frames, "-K", "--topspeed", "--loop=6");
      child.kill("SIGCONT");
      let probes = 0;
      while (seen.probes === 0) {
        await wire.sendInLater([probe]);
        probes++;
      }
      await wire.sendInLater(flood.frames, "-K", "--pps=20000", "--loop=10");
      const sent = 36 * flood.frames.length + probes;
      await until(() => expect(seen.frames).toBe(sent));
      child.kill("SIGTERM");
      expect(await exited).toBe(0);

      const unread = expectedCounts(flood, 6 * flood.frames.length);
      const wanted = expectedCounts(flood, 36 * flood.frames.length);
      expect([seen.frames, seen.flowed]).toEqual([sent, sent]);
      expect(Object.values(seen.classed).reduce((sum, count) => sum + count, 0)).toBe(sent);
      expect(seen.classed.unmatched).toBe(wanted.unmatched);
      expect(seen.classed.noReader).toBe(6 * flood.frames.length - unread.unmatched + probes - seen.probes);
      expect([seen.records, seen.otherSets]).toEqual([seen.classed.delivered, 0]);
      process.stdout.write(`${sent} frames: ${JSON.stringify(seen.classed)}\n`);
    } finally {
      await hub.close();
      rmSync(state, { recursive: true });
    }
  });
});
