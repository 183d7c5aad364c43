import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { LIVE_NAMESPACE, LIVE_PATH } from "@sonde/protocol";
import { Server } from "socket.io";
import type { Socket } from "socket.io";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { HOST, recordBatch } from "../domain/testRecords.ts";
import { FleetStore } from "./fleetStore.ts";
import { HostFeed } from "./hostFeed.ts";
import { LiveFeed } from "./liveFeed.ts";
import { openLiveSocket } from "./socket.ts";

/** A real Socket.IO server at the live path; what it is told is kept, and every message is acknowledged. */
let hub: { io: Server; url: string; told: unknown[]; refuse: { code: string } | null };
const cleanup: (() => void)[] = [];

beforeEach(async () => {
  const server = createServer();
  const io = new Server(server, { path: LIVE_PATH, transports: ["websocket"] });
  const told: unknown[] = [];
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  hub = { io, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, told, refuse: null };
  io.of(LIVE_NAMESPACE).use((_socket, go) =>
    go(hub.refuse === null ? undefined : Object.assign(new Error("refused"), { data: hub.refuse })),
  );
  io.of(LIVE_NAMESPACE).on("connection", (socket: Socket) => {
    socket.on("message", (message: unknown, ack: (reply: unknown) => void) => {
      told.push(message);
      ack({ ok: true });
    });
  });
  cleanup.push(() => void io.close());
});
afterEach(() => {
  for (const undo of cleanup.splice(0).reverse()) undo();
});

const now = (run: () => void): (() => void) => {
  run();
  return () => {};
};

function feedOf(): LiveFeed {
  const socket = openLiveSocket(hub.url);
  cleanup.push(() => void socket.disconnect());
  return new LiveFeed({ socket, schedule: now, now: Date.now, later: (run) => void setTimeout(run, 5) });
}

test("connects with the first listener, asks for the host, and leaves with the last", async () => {
  const feed = feedOf();
  expect(feed.connection.snapshot().state).toBe("idle");
  const host = new HostFeed({ feed, hostId: HOST, schedule: now });
  const stop = host.start();
  expect(feed.connection.snapshot().state).toBe("connecting");
  await vi.waitFor(() => expect(hub.told).toEqual([{ type: "watch", hostId: HOST }]));
  expect(feed.connection.snapshot().state).toBe("live");
  stop();
  stop();
  await vi.waitFor(() => expect(feed.connection.snapshot().state).toBe("idle"));
});

test("asks again after the hub was away", async () => {
  const feed = feedOf();
  cleanup.push(feed.watchFleet(() => {}));
  await vi.waitFor(() => expect(hub.told).toHaveLength(1));
  hub.io.of(LIVE_NAMESPACE).disconnectSockets();
  await vi.waitFor(() => expect(hub.told).toEqual([{ type: "watch-fleet" }, { type: "watch-fleet" }]), 5000);
});

test("a refusal that will not pass is said and not tried again", async () => {
  hub.refuse = { code: "NOT_SIGNED_IN" };
  const feed = feedOf();
  cleanup.push(feed.watchFleet(() => {}));
  await vi.waitFor(() => expect(feed.connection.snapshot()).toMatchObject({ state: "refused", code: "NOT_SIGNED_IN" }));
});

test("batches become rows, messages become state, and damage is counted", async () => {
  const feed = feedOf();
  const host = new HostFeed({ feed, hostId: HOST, schedule: now });
  cleanup.push(host.start());
  await vi.waitFor(() => expect(hub.told).toHaveLength(1));
  const live = hub.io.of(LIVE_NAMESPACE);
  live.emit("batch", HOST, recordBatch([{ tsNs: 5n }, { tsNs: 6n }]));
  live.emit("batch", HOST, recordBatch([{ tsNs: 5n }]).subarray(0, 150));
  live.emit("batch", HOST, "not bytes");
  live.emit("message", { type: "status", hostId: HOST, status: "stale", lastSeen: null });
  live.emit("message", { type: "skipped", hostId: HOST, batches: 1, records: 30 });
  live.emit("message", { type: "nonsense" });
  live.emit("message", { type: "clock", hostId: HOST, bootId: HOST, bootToWallNs: "-5", offsetNs: "7", errorNs: "1" });
  await vi.waitFor(() => expect(host.state.snapshot().clock).toMatchObject({ bootToWallNs: -5n, offsetNs: 7n }));
  expect(host.packets.snapshot()).toMatchObject({ first: 0, end: 2, zeroNs: 5n });
  expect(host.state.snapshot()).toMatchObject({ status: "stale", skipped: 30, badBatches: { BATCH_LENGTH: 1 } });
  expect(feed.malformed.snapshot()).toBe(2);
});

test("changes and rates reach the fleet", async () => {
  const feed = feedOf();
  const changed: (readonly string[])[] = [];
  const fleet = new FleetStore({ feed, schedule: now, onChanged: (ids) => changed.push(ids) });
  cleanup.push(fleet.start());
  await vi.waitFor(() => expect(hub.told).toHaveLength(1));
  const live = hub.io.of(LIVE_NAMESPACE);
  for (let i = 0; i < 70; i++)
    live.emit("message", { type: "fleet", hosts: [{ hostId: HOST, status: "live", packetsPerSecond: i, bitsPerSecond: 0 }] });
  live.emit("message", { type: "hosts-changed", hostIds: [HOST] });
  await vi.waitFor(() => expect(changed).toEqual([[HOST]]));
  const row = fleet.rows.snapshot().get(HOST);
  expect(row).toMatchObject({ status: "live", packetsPerSecond: 69 });
  expect(row?.packets).toHaveLength(60);
});

test("no bytes and no message a hub could send make the stores throw", () => {
  const feed = new LiveFeed({ socket: openLiveSocket("http://127.0.0.1:9"), schedule: now, now: Date.now, later: () => {} });
  const listeners: { batch(bytes: Uint8Array): void }[] = [];
  feed.watchHost = (_id, listener) => {
    listeners.push(listener);
    return () => {};
  };
  const host = new HostFeed({ feed, hostId: HOST, schedule: now });
  host.start();
  const good = recordBatch([{ tsNs: 1n, bytes: "00".repeat(60) }, { tsNs: 2n }]);
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, value, length) => {
      const bytes = good.slice(0, length);
      bytes[at] = value;
      listeners[0]?.batch(bytes);
      const { first, end } = host.packets.snapshot();
      if (end > first) expect(host.packets.record(end - 1)).not.toBeNull();
    }),
    { numRuns: 3000 },
  );
});
