import type { LiveMessage } from "@sonde/protocol";
import { expect, test } from "vitest";
import { HOST, recordBatch } from "../../domain/testRecords.ts";
import type { LiveFeed } from "../liveFeed.ts";
import type { SubscriptionListener } from "../subscriptions.ts";
import { LivePackets } from "./livePackets.ts";
import type { LiveHost } from "./messages.ts";

const now = (run: () => void): (() => void) => {
  run();
  return () => {};
};
const tally = { seen: 3, matched: 2, shown: 2 };
const clock = (bootToWallNs: string): LiveMessage => ({
  type: "clock",
  hostId: HOST,
  bootId: HOST,
  bootToWallNs,
  offsetNs: "0",
  errorNs: "0",
});

/** Packets that are watched by a feed of which the test is the hub. */
function watched() {
  let hub: SubscriptionListener | null = null;
  let stopped = 0;
  const feed: Pick<LiveFeed, "subscribe"> = {
    subscribe: (_ask, listener) => {
      hub = listener;
      return () => void stopped++;
    },
  };
  const given: { host: LiveHost; bytes: number }[] = [];
  const live = new LivePackets({
    feed,
    ask: { hosts: "all", filter: "", maxPerSecond: 500, kinds: ["records"] },
    append: (host, batch) => given.push({ host, bytes: batch.byteLength }),
    hostOf: (id) => (id === HOST ? { name: "web-1", labels: {}, interfaces: new Map([[2, "eth0"]]) } : null),
    schedule: now,
    nowNs: () => 1_000_000n,
  });
  const stop = live.start();
  if (hub === null) throw new Error("nothing was subscribed");
  return { live, given, stop, stopped: () => stopped, hub: hub as SubscriptionListener };
}

test("batches go into the table as they come, with what is known of their host", () => {
  const { live, given, hub, stop, stopped } = watched();
  hub.message(clock("5000"));
  hub.rows(HOST, recordBatch([{ bytes: "00" }, { bytes: "00" }]), tally);
  hub.tally({ seen: 4, matched: 0, shown: 0 });
  expect(given).toHaveLength(1);
  expect(given[0]?.host).toMatchObject({ id: HOST, name: "web-1", offsetNs: 5000n });
  expect(live.state.snapshot()).toMatchObject({ seen: 7, matched: 2, shown: 2, held: null, fresh: 0 });
  stop();
  stop();
  expect(stopped()).toBeGreaterThan(0);
});

test("while the list stands still they wait, and all go in with the last reason gone", () => {
  const { live, given, hub } = watched();
  live.hold("pointer");
  live.hold("paused");
  hub.rows(HOST, recordBatch([{ bytes: "00" }, { bytes: "00" }]), tally);
  hub.rows(HOST, recordBatch([{ bytes: "00" }], 2n), tally);
  expect(given).toHaveLength(0);
  expect(live.state.snapshot()).toMatchObject({ held: "paused", fresh: 3, letGo: 0 });
  live.release("paused");
  expect(live.state.snapshot()).toMatchObject({ held: "pointer", fresh: 3 });
  live.release("pointer", "scrolled");
  expect(given).toHaveLength(2);
  expect(live.state.snapshot()).toMatchObject({ held: null, fresh: 0 });
});

test("a host whose clock is not known yet is taken to be in step with its newest record", () => {
  const { given, hub } = watched();
  hub.rows(HOST, recordBatch([{ bytes: "00", tsNs: 400n }]), tally);
  hub.rows(HOST, recordBatch([{ bytes: "00", tsNs: 900n }], 2n), tally);
  hub.message(clock("7"));
  hub.rows(HOST, recordBatch([{ bytes: "00", tsNs: 950n }], 3n), tally);
  expect(given.map(({ host }) => host.offsetNs)).toEqual([999_600n, 999_600n, 7n]);
});

test("what is not sound, or of another host than it says, is counted and left out", () => {
  const { live, given, hub } = watched();
  const batch = recordBatch([{ bytes: "00" }]);
  hub.rows("00000000-0000-4000-8000-000000000000", batch, tally);
  hub.rows(HOST, batch.subarray(0, 50), tally);
  hub.refused("TOO_MANY", "enough");
  expect(given).toHaveLength(0);
  expect(live.state.snapshot()).toMatchObject({ bad: 2, refused: { code: "TOO_MANY" } });
});
