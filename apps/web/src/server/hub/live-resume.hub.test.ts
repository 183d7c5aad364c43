import type { Socket } from "socket.io-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chooseSeed, seeded } from "../../../../../test/support/random.ts";
import { connectTo, newRunOn, of, type Run } from "../../../test/agent-runs.ts";
import { counterBatch, type Row } from "../../../test/batches.ts";
import { ask, next, startTestHub, until, type TestHub } from "../../../test/hub.ts";
import { HostFeed } from "../../live/hostFeed.ts";
import { LiveFeed } from "../../live/liveFeed.ts";

let hub: TestHub;
let cookie: string;
beforeAll(async () => {
  hub = await startTestHub();
  cookie = await hub.signIn();
}, 60_000);
afterAll(() => hub.stop());

const SECOND = 1_000_000_000n;
const STEPS = 80;
const now = (run: () => void): (() => void) => {
  run();
  return () => {};
};

/** The page's own stores on a socket that the test can cut. */
async function page(hostId: string): Promise<{ host: HostFeed; cut: () => void; back: () => Promise<void> }> {
  const socket: Socket = hub.viewer({ cookie, origin: hub.url });
  const feed = new LiveFeed({
    socket: {
      get active() {
        return socket.connected;
      },
      connect: () => socket.connect(),
      disconnect: () => socket.disconnect(),
      on: (event, listener) => socket.on(event, listener as (...args: unknown[]) => void),
      emit: (event, message, ack) => socket.timeout(10_000).emit(event, message, ack),
    },
    schedule: now,
    now: Date.now,
    later: () => {},
  });
  const host = new HostFeed({ feed, hostId, schedule: now });
  host.start();
  await next(socket, "connect");
  return {
    host,
    cut: () => void socket.disconnect(),
    back: async () => {
      socket.connect();
      await next(socket, "connect");
    },
  };
}

/** Frames per end of an interval, in seconds of boot time: of interfaces 1 and 2, incoming. */
async function stored(run: Run): Promise<Map<number, number>> {
  const { rows } = await hub.ctx.series.query<{ time: number; packets: number }>(
    `SELECT (boot_ns / 1000000000)::float8 AS time, sum(rx_tcp4_packets)::float8 AS packets FROM interface_counters
      WHERE host_id = $1 GROUP BY boot_ns`,
    [run.hostId],
  );
  return new Map(rows.map((row) => [row.time, row.packets]));
}
function shown({ rates }: HostFeed): Map<number, number> {
  const { times, known, interfaces } = rates.snapshot();
  const series = rates.series({ interfaces, classes: [0], directions: [1], measure: "packets" });
  return new Map(times.flatMap((time, i) => (known[i] ? [[time, series[i] ?? 0] as const] : [])));
}

test(
  "SPEC 7.6: whatever is cut and when, a page that comes back has every interval once, as the store does",
  { timeout: 90_000 },
  async () => {
    const seed = chooseSeed(process.env["SONDE_SEED"]);
    console.log(`live-resume: seed ${seed}`);
    const random = seeded(seed);
    let run = await newRunOn(hub);
    let { socket: agent } = await connectTo(hub, run);
    const { host, cut, back } = await page(run.hostId);
    await until(() => host.state.snapshot().status === "live", "the greeting");
    let [sequence, lastNs, away] = [0, 10n * SECOND, false];
    let sending: Promise<unknown>[] = [];

    const settled = async (): Promise<void> => {
      for (const answer of await Promise.all(sending)) expect(answer).toEqual({ ok: true });
      sending = [];
    };
    /** One interval in one batch, or in two, one for each interface. */
    const interval = (): void => {
      lastNs += SECOND;
      const rows = [1, 2].map((ifindex): Row => ({ ifindex, direction: 1, frames: 1, packets: random.between(1, 1000), bytes: 1 }));
      const parts = random.once(3) ? rows.map((one) => [one]) : [rows];
      for (const part of parts) sending.push(ask(agent, "batch", counterBatch(of(run, ++sequence), part, lastNs)));
    };
    interval();
    await until(() => shown(host).size === 1, "the first interval");
    for (let step = 0; step < STEPS; step++) {
      switch (random.below(8)) {
        case 0:
          if (away) await back();
          else cut();
          away = !away;
          break;
        case 1:
          // away for a moment only: it may be back before a commit
          if (away) break;
          cut();
          if (random.once(2)) interval();
          await back();
          break;
        case 2: {
          await settled();
          agent.disconnect();
          if (random.once(2)) {
            run = { ...run, stream: BigInt(random.between(1, 2 ** 31)) };
            sequence = 0;
          }
          ({ socket: agent } = await connectTo(hub, run));
          break;
        }
        case 3:
          await settled();
          break;
        default:
          interval();
      }
    }
    await settled();
    if (away) await back();
    interval();
    await settled();
    const all = await stored(run);
    await until(() => shown(host).size === all.size, `${all.size} intervals in the page`).catch(() => {});
    expect(shown(host)).toEqual(all);
  },
);
