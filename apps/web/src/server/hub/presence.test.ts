import { uplinksOf } from "@sonde/protocol";
import { expect, test } from "vitest";
import type { Clock } from "../clock.ts";
import { ClockEstimate } from "./clock-estimate.ts";
import { createPresence } from "./presence.ts";

test("live, stale after 5 s, lost after 60 s, refused, and back", () => {
  let now = 1_000_000;
  const timers: (() => void)[] = [];
  const clock: Clock = { now: () => now, every: (_, run) => (timers.push(run), () => {}), after: () => () => {} };
  const told: string[] = [];
  const presence = createPresence(clock, (change) => told.push(change.status));
  const at = (ms: number): void => {
    now = 1_000_000 + ms;
    for (const run of timers) run();
  };
  expect(presence.now("a", null)).toMatchObject({ status: "never", lastSeen: null });
  expect(presence.now("a", new Date(now - 30_000)).status).toBe("stale");
  presence.heard("a");
  at(4_999);
  at(5_000);
  at(59_999);
  at(60_000);
  presence.heard("a");
  presence.refused("a", "CREDENTIAL_REFUSED");
  expect(presence.now("a", null)).toMatchObject({ status: "refused", refusal: "CREDENTIAL_REFUSED" });
  presence.heard("a");
  expect(told).toEqual(["live", "stale", "lost", "live", "refused", "live"]);
  expect(presence.takeHeard().get("a")).toBe(now);
  expect(presence.takeHeard().size).toBe(0);
});

test("the reading with the least doubt decides, and the last eight count", () => {
  const estimate = new ClockEstimate();
  estimate.add({ hubMs: 10_000, errorMs: 5_000, bootNs: 0n, wallNs: 0n });
  const good = estimate.add({ hubMs: 10_000, errorMs: 1, bootNs: 4_000_000_000n, wallNs: 10_500_000_000n });
  expect(good).toEqual({ bootToWallNs: 6_000_500_000n, offsetNs: 499_500_000n, errorNs: 1_500_000n });
  for (let i = 0; i < 7; i++) expect(estimate.add({ hubMs: 0, errorMs: 50, bootNs: 0n, wallNs: 0n })).toEqual(good);
  expect(estimate.add({ hubMs: 1, errorMs: 50, bootNs: 0n, wallNs: 0n }).bootToWallNs).toBe(1_500_000n);
});

test("uplinks: physical ones, or all but loopback where there is nothing else", () => {
  const one = (ifindex: number, name: string, kind: "ethernet" | "loopback" | "l3") =>
    ({ ifindex, name, kind, mac: null, mtu: 1500, up: true, hook: "tcx" }) as const;
  expect(
    uplinksOf([
      one(1, "lo", "loopback"),
      one(2, "eth0", "ethernet"),
      one(3, "docker0", "ethernet"),
      one(4, "veth1a", "ethernet"),
      one(5, "tun0", "l3"),
    ]),
  ).toEqual(new Set([2]));
  expect(uplinksOf([one(1, "lo", "loopback"), one(4, "veth1a", "ethernet")])).toEqual(new Set([4]));
});
