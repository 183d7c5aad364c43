import { basename } from "node:path";
import type { Engine } from "@sonde/bpf";
import type { AgentInterface } from "@sonde/protocol";
import { ReplayClock, type ReplaySpeed } from "./replay-clock.ts";
import { EngineCounts } from "./engine-counts.ts";
import { type Piece, partOf, replayPieces } from "./replay-file.ts";
import type { Sink, Source } from "./source.ts";

/** The one interface that injected packets are counted under. */
const IFINDEX = 1;
const COUNTER_PERIOD_MS = 1000;
const NS_PER_MS = 1_000_000;
/** Nothing waits longer, so that stopping does not either. */
const MAX_WAIT_MS = 100;
const MAX_NAME = 64;

export type ReplayEnd = {
  /** Packets that went through the programs, and those that could not. */
  readonly ran: number;
  readonly leftOut: number;
  /** Why the file could not be read to its end. */
  readonly failure: Error | null;
};
export type ReplaySourceOptions = {
  /** Opened for replay. */
  readonly engine: Engine;
  readonly path: string;
  readonly speed: ReplaySpeed;
  readonly clockBoottimeNs: () => bigint;
  /** True while whoever takes the records cannot take more: the file waits. */
  readonly isFull: () => boolean;
  readonly onLeftOut: (number: number, reason: string) => void;
  /** The file is at its end, or cannot be read on; not called after stop(). */
  readonly onEnd: (end: ReplayEnd) => void;
};

/** A capture file as a source: its packets run through the programs of a private engine, at their pace. */
export class ReplaySource implements Source {
  readonly #options: ReplaySourceOptions;
  readonly #counts: EngineCounts;
  #sink: Sink | null = null;
  #timer: NodeJS.Timeout | undefined;
  #playing: Promise<void> = Promise.resolve();
  #wake = (): void => undefined;
  #ran = 0;
  #leftOut = 0;
  #stopping: Promise<void> | null = null;

  constructor(options: ReplaySourceOptions) {
    this.#options = options;
    this.#counts = new EngineCounts(options.engine, options.clockBoottimeNs());
  }

  start(sink: Sink): void {
    const { engine, path } = this.#options;
    this.#sink = sink;
    engine.start((batch, records) => sink.records(batch, records));
    const shown = describe(path);
    sink.interfaces([shown]);
    sink.attached(shown);
    this.#timer = setInterval(() => this.#counts.tick(sink), COUNTER_PERIOD_MS);
    this.#playing = this.#play();
  }

  release(batch: Uint8Array): void {
    this.#options.engine.release(batch);
  }

  countFilters(): void {
    if (this.#sink !== null) this.#counts.deliverFilters(this.#sink, true);
  }

  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop());
  }

  async #stop(): Promise<void> {
    const { engine } = this.#options;
    this.#wake();
    await this.#playing;
    clearInterval(this.#timer);
    await engine.stop();
    await this.#counts.idle();
    if (this.#sink !== null) await this.#counts.finish(this.#sink);
    await engine.close();
  }

  async #play(): Promise<void> {
    const { path, speed, clockBoottimeNs, onEnd } = this.#options;
    let failure: Error | null = null;
    try {
      const clock = new ReplayClock(clockBoottimeNs(), speed);
      for (const piece of replayPieces(path, ({ number, reason }) => this.#leaveOut(number, reason))) {
        await this.#playPiece(piece, clock);
        if (this.#stopping !== null) return;
      }
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    }
    onEnd({ ran: this.#ran, leftOut: this.#leftOut, failure });
  }

  /** Injects what is due, waits for the next one, and so on. */
  async #playPiece(piece: Piece, clock: ReplayClock): Promise<void> {
    const { clockBoottimeNs } = this.#options;
    const now = clockBoottimeNs();
    const plan = piece.times.map((recorded) => clock.next(recorded, now));
    for (let from = 0; from < plan.length && this.#stopping === null;) {
      const late = clockBoottimeNs();
      let to = from;
      while (to < plan.length && (plan[to]?.dueNs ?? 0n) <= late) to++;
      if (to === from) {
        await this.#wait(Number((plan[from]?.dueNs ?? late) - late) / NS_PER_MS);
        continue;
      }
      this.#inject(
        piece,
        from,
        plan.slice(from, to).map(({ timeNs }) => timeNs),
      );
      from = to;
      do await this.#wait(this.#options.isFull() ? 1 : 0);
      while (this.#options.isFull() && this.#stopping === null);
    }
  }

  #inject({ packets, linkType, first }: Piece, from: number, times: readonly bigint[]): void {
    const { engine } = this.#options;
    const part = partOf(packets, from, from + times.length);
    const { ran, refused } = engine.inject(part, BigUint64Array.from(times), { hook: "xdp", linkType });
    this.#ran += ran;
    // Long packets come alone, so this one it is.
    for (let i = 0; i < refused; i++) this.#leaveOut(first + from + i, "the kernel takes no test run of such a length");
  }

  #leaveOut(number: number, reason: string): void {
    this.#leftOut++;
    this.#options.onLeftOut(number, reason);
  }

  /** Others get their turn also when there is nothing to wait for. */
  async #wait(ms: number): Promise<void> {
    if (ms <= 0) return new Promise((resolve) => setImmediate(resolve));
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(ms, MAX_WAIT_MS));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function describe(path: string): AgentInterface {
  return {
    ifindex: IFINDEX,
    name: `replay:${basename(path)}`.slice(0, MAX_NAME),
    kind: "ethernet",
    mac: null,
    mtu: 0,
    up: true,
    hook: "xdp-native",
    reason: "the packets of a capture file, run through the programs",
  };
}
