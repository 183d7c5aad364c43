import type { CaptureDetail } from "@sonde/protocol/rest";
import { sayOf, type Io } from "../context.ts";
import { safeText } from "../output/text.ts";
import { hostWords, progressWords } from "./capture-words.ts";

const PERIOD_MS = 1000;

export type ProgressOptions = {
  readonly io: Pick<Io, "say" | "status" | "every">;
  readonly read: () => Promise<CaptureDetail>;
};

/** Says on standard error when a host's part changes, and keeps one line of sums on a terminal. */
export class Progress {
  readonly #options: ProgressOptions;
  readonly #told = new Map<string, string>();
  #end: () => void = () => undefined;
  #reading = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  start(made: CaptureDetail): void {
    for (const { hostId, state } of made.hosts) this.#told.set(hostId, state);
    this.#end = this.#options.io.every(PERIOD_MS, () => void this.#tick());
  }

  stop(): void {
    this.#end();
    this.#options.io.status("");
  }

  /** One question at a time; a failure is the stream's to tell. */
  async #tick(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      this.#tell(await this.#options.read());
    } catch {
      // The file's own connection says what is wrong.
    } finally {
      this.#reading = false;
    }
  }

  #tell(capture: CaptureDetail): void {
    const { io } = this.#options;
    for (const host of capture.hosts) {
      if (this.#told.get(host.hostId) === host.state) continue;
      this.#told.set(host.hostId, host.state);
      if (host.state === "pending") continue;
      io.status("");
      sayOf(io, `${host.name}: ${hostWords(host)}`);
    }
    io.status(safeText(progressWords(capture)));
  }
}
