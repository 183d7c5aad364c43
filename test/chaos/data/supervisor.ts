import type { Part } from "../../../scripts/lib/proc.mjs";

/** A part that is started again whenever it ends, as a service manager does. */
export type Kept = {
  readonly name: string;
  /** Ends it by SIGKILL, with its whole process group unless told otherwise; false when it is not running just now. */
  kill(group?: boolean): boolean;
  /** Its process; null while it is down. */
  pid(): number | null;
  restarts(): number;
  /** Ends it for good, in order. Idempotent. */
  stop(): Promise<void>;
};

export type KeepOptions = {
  readonly name: string;
  /** Starts it, telling `onStart` as soon as there is a process. May reject when it did not become ready. */
  readonly start: (onStart: (part: Part) => void) => Promise<unknown>;
  /** How long it stays down. */
  readonly pauseMs: () => number;
  readonly onLine: (line: string) => void;
};

/** Starts a part and keeps it running. Resolves once it has a process. */
export async function keep({ name, start, pauseMs, onLine }: KeepOptions): Promise<Kept> {
  let part: Part | null = null;
  let stopping = false;
  let starts = 0;
  let wake = (): void => {};
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => (clearTimeout(timer), resolve());
    });
  const once = (): Promise<Part> =>
    new Promise((resolve, reject) => {
      start(resolve).catch((error: unknown) => {
        if (!stopping) onLine(`${name}: ${error instanceof Error ? error.message : String(error)}`);
        reject(error instanceof Error ? error : new Error(String(error)));
      });
    });
  let begun = (): void => {};
  const running = new Promise<void>((resolve) => (begun = resolve));
  const loop = async (): Promise<void> => {
    while (!stopping) {
      const next = await once().catch(() => null);
      if (next !== null) {
        starts++;
        part = next;
        begun();
        await next.child.exited;
        part = null;
      }
      if (!stopping) await pause(pauseMs());
    }
  };
  const looping = loop();
  await running;
  const pid = (): number | null => (part?.child.running() === true ? part.child.pid : null);
  return {
    name,
    pid,
    kill(group = true) {
      const running = pid();
      if (running === null) return false;
      process.kill(group ? -running : running, "SIGKILL");
      return true;
    },
    restarts: () => starts - 1,
    async stop() {
      stopping = true;
      wake();
      await part?.stop();
      await looping;
    },
  };
}
