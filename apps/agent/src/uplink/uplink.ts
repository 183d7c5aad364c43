import { Backoff } from "./backoff.ts";
import { Session, type SessionEnd } from "./session.ts";
import { type UplinkOptions, defaultTiming } from "./types.ts";

/** A connection that held so long was a good one: the next reconnect starts with the shortest wait. */
const STEADY_MS = 2_000;

export type Uplink = {
  /** Connects, and keeps connecting. */
  start(): void;
  /** The interfaces changed: the hub is told before it gets another batch. */
  announce(): void;
  /** The status is to be told now: it changed. */
  report(): void;
  /** Likewise what is loaded in the kernel. */
  reportEngine(): void;
  /** There may be something to send. */
  poke(): void;
  /** Waits until everything held is acknowledged; false after `ms`, or at once without a connection unless it is to be waited for. */
  flush(ms: number, connecting?: boolean): Promise<boolean>;
  /** Ends the connection and all waits. Idempotent. */
  stop(): void;
};

/** Keeps one session with the hub, with capped backoff and jitter between them (SPEC 3.6). */
export function createUplink(options: UplinkOptions): Uplink {
  const timing = { ...defaultTiming, ...options.timing };
  const backoff = new Backoff({ firstMs: timing.firstRetryMs, maxMs: timing.maxRetryMs, random: options.random });
  let session: Session | null = null;
  let retry: NodeJS.Timeout | undefined;
  let steady: NodeJS.Timeout | undefined;
  let ready = false;
  let stopped = false;

  const connect = (): void => {
    session = new Session(options, timing, {
      onReady: (address) => {
        ready = true;
        steady = setTimeout(() => backoff.reset(), STEADY_MS);
        options.onEvent({ type: "connected", address });
      },
      onEnd: ended,
    });
  };
  const ended = (end: SessionEnd): void => {
    session = null;
    ready = false;
    clearTimeout(steady);
    if (stopped) return;
    const retryMs = Math.round(end.lasting ? backoff.longest() : backoff.next());
    options.onEvent(
      end.type === "refused"
        ? { type: "refused", code: end.code, detail: end.detail, lasting: end.lasting, retryMs }
        : { type: end.type, reason: end.reason, retryMs },
    );
    retry = setTimeout(connect, retryMs);
  };

  return {
    start: connect,
    announce: () => session?.announce(),
    report: () => session?.report(),
    reportEngine: () => session?.reportEngine(),
    poke: () => session?.pump(),
    flush: async (ms, connecting = false) => {
      const deadline = performance.now() + ms;
      while ((ready || connecting) && options.outbox.stats.held > 0 && performance.now() < deadline) {
        session?.pump();
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return options.outbox.stats.held === 0;
    },
    stop: () => {
      stopped = true;
      clearTimeout(retry);
      session?.close();
    },
  };
}
