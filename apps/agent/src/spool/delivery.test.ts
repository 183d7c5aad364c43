import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { BatchKindName } from "@sonde/protocol";
import { headerAt, viewOf } from "@sonde/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseSeed } from "../../../../test/support/random.ts";
import { countOf, idOf, numbered, openRig, unflowedIn, type Agent, type Rig } from "../../test/spool-fixture.ts";
import { none } from "../../test/queue-fixture.ts";
import type { Outgoing } from "../pipeline/queue-types.ts";
import { nodeFiles } from "./files.ts";

type Step =
  | { readonly do: "records" | "flows"; readonly rows: number }
  | { readonly do: "send"; readonly window: number }
  | { readonly do: "commit"; readonly times: number }
  | { readonly do: "disconnect" | "kill" | "stop"; readonly committed: number }
  | { readonly do: "counters" | "connect" | "tick" | "disk" };

const rows = fc.integer({ min: 1, max: 12 });
const few = fc.integer({ min: 0, max: 6 });
const simple = (name: "counters" | "connect" | "tick" | "disk"): fc.Arbitrary<Step> => fc.constant({ do: name });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("records" as const), rows }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("flows" as const), rows }) },
  { weight: 3, arbitrary: simple("counters") },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("send" as const), window: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("commit" as const), times: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 3, arbitrary: simple("connect") },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("disconnect" as const), committed: few }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("kill" as const, "stop" as const), committed: few }) },
  { weight: 1, arbitrary: simple("tick") },
  { weight: 1, arbitrary: simple("disk") },
);

/** What the hub holds of one stream. */
class Stream {
  committed: Record<BatchKindName, bigint> = { ...none };
  lost = { records: 0n, flows: 0n };
  unflowed = 0n;
  readonly order: Record<BatchKindName, number[]> = { records: [], counters: [], flows: [], filterCounters: [] };

  take({ kind, sequence, bytes }: Outgoing): void {
    if (sequence <= this.committed[kind]) return;
    if (sequence !== this.committed[kind] + 1n) throw new Error(`a gap before ${kind} ${sequence}`);
    this.committed[kind] = sequence;
    const id = idOf(bytes);
    if (id !== 0) this.order[kind].push(id);
    const lost = viewOf(bytes).getBigUint64(headerAt.queueLost, true);
    const of = kind === "flows" ? "flows" : "records";
    if (lost > this.lost[of]) this.lost[of] = lost;
    if (kind === "counters") this.unflowed += unflowedIn(bytes);
  }
}

/** An agent with a spool, its hub, and what must become of each batch. */
class World {
  readonly rig: Rig;
  readonly hub = new Map<bigint, Stream>();
  readonly pushed = new Map<number, { readonly kind: BatchKindName; readonly stream: bigint; readonly rows: number }>();
  /** Records and flow records that died with a process, in memory alone, and losses that a note lacked. */
  readonly died = { records: 0n, flows: 0n };
  readonly untold = { records: 0n, flows: 0n };
  /** Frames of flow records that the agent answered for itself, or could not any more. */
  handedBack = 0n;
  diskWorks = true;
  agent: Agent;
  #stream = 0n;
  #id = 0;
  #connected = false;
  #wire: Outgoing[] = [];
  readonly #options: { readonly maxBytes: number; readonly memory: number };

  constructor(options: { readonly maxBytes: number; readonly memory: number }) {
    this.#options = options;
    const refuse = (): never => {
      throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    };
    this.rig = openRig({ ...nodeFiles, writevSync: (...args) => (this.diskWorks ? nodeFiles.writevSync(...args) : refuse()) });
    this.agent = this.#start();
  }

  do(step: Step): void {
    const { queue, outbox } = this.agent;
    switch (step.do) {
      case "records":
        return queue.pushRecords(this.#make("records", step.rows), step.rows);
      case "flows":
        for (const back of queue.pushFlows([this.#make("flows", step.rows).buffer])) this.handedBack += BigInt(countOf(back));
        return;
      case "counters":
        if (!queue.pushCounters([this.#make("counters", 1).buffer], false)) this.pushed.delete(this.#id);
        return;
      case "send":
        return this.#send(step.window);
      case "commit":
        for (let i = 0; i < step.times; i++) {
          const out = this.#wire.shift();
          if (out === undefined) return;
          this.#of(out.stream).take(out);
          outbox.acknowledge(out);
        }
        return;
      case "connect":
        if (!this.#connected) this.#connect();
        return;
      case "tick":
        return outbox.tick();
      case "disk":
        this.diskWorks = !this.diskWorks;
        this.rig.now += 60_000;
        return;
      case "disconnect":
        this.#break(step.committed);
        outbox.rewind();
        return outbox.setAway(true);
      case "stop": {
        this.#break(step.committed);
        outbox.rewind();
        this.#settle(); // what the spool drops for it is accounted for
        const { flowsLost } = queue.stats;
        queue.park();
        this.handedBack += queue.stats.flowsLost - flowsLost;
        this.agent.spool.close();
        return this.#restart();
      }
      case "kill":
        this.#break(step.committed);
        this.rig.kill();
        return this.#restart();
    }
  }

  /** Writes to disk until nothing more finds room, so that park() has the spool drop nothing. */
  #settle(): void {
    const { queue, outbox } = this.agent;
    const held = (): string => `${queue.stats.bytes} ${queue.stats.queueLost} ${queue.stats.flowsLost}`;
    for (let before = ""; before !== held();) {
      before = held();
      outbox.setAway(true);
    }
  }

  /** A new run, on which everything that is left arrives. */
  finish(): void {
    this.diskWorks = true;
    this.rig.now += 60_000;
    this.do({ do: "stop", committed: 0 });
    this.#connect();
    for (let idle = 0; idle < 3;) {
      this.#send(16);
      if (this.#wire.length === 0) idle++;
      this.do({ do: "commit", times: 100 });
      this.rig.now += 60_000;
    }
  }

  #make(kind: "records" | "flows" | "counters", count: number): Uint8Array<ArrayBuffer> {
    this.pushed.set(++this.#id, { kind, stream: this.#stream, rows: count });
    return numbered(kind, this.#id, count);
  }

  #start(): Agent {
    return this.rig.start(++this.#stream, this.#options);
  }

  #of(stream: bigint): Stream {
    const found = this.hub.get(stream) ?? new Stream();
    this.hub.set(stream, found);
    return found;
  }

  #connect(): void {
    this.#connected = true;
    if (!this.agent.outbox.resume(this.#of(this.#stream).committed)) throw new Error("the stream cannot be continued");
    this.agent.outbox.setAway(false);
  }

  #send(window: number): void {
    const { outbox } = this.agent;
    while (this.#connected) {
      const asked = outbox.earlier();
      if (asked !== null) outbox.resumeEarlier(this.#of(BigInt(asked.stream)).committed);
      const out = outbox.next(window);
      if (out === null && outbox.earlier() === null) return;
      if (out === null) continue;
      this.#wire.push({ ...out, bytes: out.bytes.slice(0) });
    }
  }

  /** The connection ends; the hub had so many more of what was on it. */
  #break(committed: number): void {
    for (const out of this.#wire.slice(0, committed)) this.#of(out.stream).take(out);
    this.#wire = [];
    this.#connected = false;
  }

  /** The next run; what the last one held in memory alone is gone. */
  #restart(): void {
    const onDisk = this.rig.onDisk();
    const stored = new Set([...this.hub.values()].flatMap(({ order }) => Object.values(order).flat()));
    const { queueLost, flowsLost } = this.agent.queue.stats;
    const noted = this.#noted();
    const known = noted ?? this.#of(this.#stream).lost;
    // Of a run that has left nothing on disk its losses die like what it held.
    const untold = noted === null ? this.died : this.untold;
    untold.records += queueLost - known.records;
    untold.flows += flowsLost - known.flows;
    const missing = { records: 0n, flows: 0n };
    for (const [id, { stream, kind, rows: count }] of this.pushed) {
      if (stream !== this.#stream || onDisk.has(id) || stored.has(id) || (kind !== "records" && kind !== "flows")) continue;
      missing[kind] += BigInt(count);
    }
    this.died.records += missing.records - queueLost;
    this.died.flows += missing.flows - flowsLost;
    this.agent = this.#start();
  }

  /** Losses of the run that ends, as its note has them; null where there is none. */
  #noted(): { readonly records: bigint; readonly flows: bigint } | null {
    for (const name of readdirSync(this.rig.folder)) {
      if (!name.startsWith("stream-")) continue;
      const note = JSON.parse(readFileSync(join(this.rig.folder, name, "stream.json"), "utf8")) as {
        stream: string;
        lost: Record<string, string>;
      };
      if (note.stream === `${this.#stream}`) return { records: BigInt(note.lost["records"]!), flows: BigInt(note.lost["flows"]!) };
    }
    return null;
  }
}

const seed = chooseSeed(process.env["SONDE_SEED"]);

describe("queue, spool and hub under any order of events", () => {
  it("every batch arrives once, was counted as lost, or died in memory; in order, without a gap (SPEC 4)", () => {
    console.log(`spool: SONDE_SEED=${seed}`);
    const bounds = fc.record({ maxBytes: fc.integer({ min: 8000, max: 120_000 }), memory: fc.integer({ min: 2000, max: 20_000 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150, size: "max" }), bounds, (steps, options) => {
        const world = new World(options);
        try {
          for (const each of steps) world.do(each);
          world.finish();
          check(world);
        } finally {
          world.rig.close();
        }
      }),
      { numRuns: Number(process.env["SONDE_SPOOL_RUNS"] ?? 150), seed },
    );
  });
});

it("nothing is left of a run that ends with all of it delivered", () => {
  const rig = openRig();
  const { queue, outbox, spool } = rig.start(1n);
  outbox.setAway(true);
  queue.pushRecords(numbered("records", 1, 2), 2);
  expect(readdirSync(rig.folder)).toContain("stream-00000001");
  outbox.setAway(false);
  for (let out = outbox.next(4); out !== null; out = outbox.next(4)) outbox.acknowledge(out);
  spool.close();
  expect(readdirSync(rig.folder)).toEqual([]);
  rig.close();
});

function check({ hub, pushed, died, untold, handedBack, rig }: World): void {
  const streams = [...hub.values()];
  for (const [stream, { order }] of hub) {
    for (const kind of ["records", "flows", "counters"] as const) {
      expect(new Set(order[kind]).size).toBe(order[kind].length); // none came twice
      for (const id of order[kind]) expect(pushed.get(id)).toMatchObject({ kind, stream });
    }
  }
  const rowsOf = (kind: BatchKindName, ids: Iterable<number>): bigint =>
    [...ids].reduce((sum, id) => (pushed.get(id)?.kind === kind ? sum + BigInt(pushed.get(id)!.rows) : sum), 0n);
  for (const kind of ["records", "flows"] as const) {
    const stored = rowsOf(
      kind,
      streams.flatMap(({ order }) => order[kind]),
    );
    const lost = streams.reduce((sum, each) => sum + each.lost[kind], 0n);
    expect({ [kind]: stored + lost + died[kind] + untold[kind] }).toEqual({ [kind]: rowsOf(kind, pushed.keys()) });
    expect(untold[kind]).toBe(0n);
    expect(died[kind] >= 0n).toBe(true);
    if (kind === "records") continue;
    const unflowed = streams.reduce((sum, each) => sum + each.unflowed, 0n);
    expect({ frames: stored + unflowed + handedBack + died.flows }).toEqual({ frames: rowsOf("flows", pushed.keys()) });
  }
  expect(rig.segments()).toEqual([]);
}
