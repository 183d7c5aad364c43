import { expect, test } from "vitest";
import { createGate } from "./gate.ts";

test("so much at a time, the rest in order, and what fails gives its place back", async () => {
  const gate = createGate(2);
  let running = 0;
  let most = 0;
  const began: number[] = [];
  const work = async (i: number): Promise<number> => {
    began.push(i);
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    if (i % 3 === 0) throw new Error("fails");
    return i;
  };
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => gate(() => work(i))));
  expect(outcomes.filter((one) => one.status === "rejected")).toHaveLength(7);
  expect(most).toBe(2);
  expect(began).toEqual(Array.from({ length: 20 }, (_, i) => i));
});
