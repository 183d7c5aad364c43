import { openEngine, type AttachMode, type EgressMode, type Engine, type EngineOptions } from "../../src/index.ts";
import { decodeBatch, decodeCounters, ledgerGap, type Rec, type Row } from "./decode.ts";
import { Wire, until } from "./netns.ts";

/** An engine on one wire, its records kept. */
export class Session {
  readonly wire = new Wire();
  readonly engine: Engine;
  readonly records: Rec[] = [];

  constructor(options: EngineOptions = {}, mode: AttachMode = "tcx", egress?: EgressMode) {
    this.engine = openEngine(options);
    this.engine.attach(this.wire.ifindex, mode, egress);
    this.engine.start((batch) => this.keep(batch));
  }

  keep(batch: Uint8Array): void {
    for (const record of decodeBatch(batch)) this.records.push(record);
  }

  row(direction: "in" | "out"): Row {
    const wanted = direction === "in" ? 1 : 2;
    const row = decodeCounters(this.engine.readCounters()).find((r) => r.direction === wanted);
    if (!row) throw new Error("no counters");
    return row;
  }

  /** Waits until so many frames were counted and their records have arrived, then stops the reader. */
  async settle(direction: "in" | "out", frames: number): Promise<Row> {
    await until(`${frames} frames counted`, () => this.row(direction).total.frames >= frames);
    await this.engine.stop();
    const row = this.row(direction);
    if (ledgerGap(row) !== 0) throw new Error(`the ledger is off by ${ledgerGap(row)}`);
    return row;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine.close();
    this.wire[Symbol.dispose]();
  }
}
