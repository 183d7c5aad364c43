import { join } from "node:path";
import type { AgentInterface, ClockReading, Passport } from "@sonde/protocol";
import type { EarlierRun } from "../kept.ts";
import { Spool, type SpoolEvent } from "../spool/spool.ts";
import type { StreamFolder } from "../spool/stream-folder.ts";

/** A reading of the clocks is good for so long: reading them waits for a tick. */
const CLOCK_MS = 60_000;

export type KeepingOptions = {
  readonly stateDir: string;
  readonly hostId: string;
  readonly bootId: string;
  readonly stream: bigint;
  /** Bytes on disk at most; 0 keeps nothing. */
  readonly maxBytes: number;
  readonly clock: () => ClockReading;
  readonly interfaces: () => readonly AgentInterface[];
  readonly nowMs: () => number;
  readonly onEvent: (event: SpoolEvent) => void;
};

/** What this run keeps on disk while the hub does not take it, and what earlier ones left there. */
export class Keeping {
  readonly kept: StreamFolder | null;
  readonly #spool: Spool | null;
  #clock: { readonly at: number; readonly reading: ClockReading } | null = null;

  constructor(options: KeepingOptions) {
    const { maxBytes, hostId, nowMs, onEvent, bootId, stream } = options;
    const facts = () => {
      const { bootNs, wallNs } = this.#read(options);
      return { bootNs, wallNs, interfaces: [...options.interfaces()] };
    };
    this.#spool = maxBytes === 0 ? null : new Spool({ folder: join(options.stateDir, "spool"), hostId, maxBytes, nowMs, onEvent });
    this.kept = this.#spool?.begin({ bootId, stream, facts }) ?? null;
  }

  earliest(): EarlierRun | null {
    return this.#spool?.earliest(this.kept) ?? null;
  }

  get status(): { readonly spool?: Spool["status"] } {
    return this.#spool === null ? {} : { spool: this.#spool.status };
  }

  /** A passport that says so when nothing is kept. */
  passport(passport: Passport): Passport {
    const off = this.#spool === null ? "turned off by --spool-size 0" : this.#spool.status.off;
    const detail = off ?? `up to ${Math.floor((this.#spool?.status.limitBytes ?? 0) / 1024 ** 2)} MiB while the hub is away`;
    const lost = "Data that the hub does not take is lost once memory is full, and with the agent";
    const fact = { id: "spool", label: "Spool on disk", ok: off === null, detail: detail.slice(0, 500), ...(off === null ? {} : { lost }) };
    return { ...passport, facts: [...passport.facts.slice(0, 63), fact] };
  }

  /** The interfaces are others. */
  note(): void {
    this.kept?.note();
  }

  close(): void {
    this.#spool?.close();
  }

  #read({ clock, nowMs }: KeepingOptions): ClockReading {
    if (this.#clock === null || nowMs() - this.#clock.at > CLOCK_MS) this.#clock = { at: nowMs(), reading: clock() };
    return this.#clock.reading;
  }
}
