import { expect, it } from "vitest";
import { Backoff } from "./backoff.ts";

it("doubles up to the cap, with jitter below the step (SPEC 3.6)", () => {
  const low = new Backoff({ firstMs: 500, maxMs: 60_000, random: () => 0 });
  expect(Array.from({ length: 9 }, () => low.next())).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  const high = new Backoff({ firstMs: 500, maxMs: 60_000, random: () => 0.999 });
  expect(high.next()).toBeCloseTo(500, -1);
  expect(high.longest()).toBeCloseTo(60_000, -2);
  high.next();
  high.reset();
  expect(high.next()).toBeCloseTo(500, -1);
});
