import { expect, test } from "vitest";
import type { Ack } from "@sonde/protocol";
import type { Clock } from "../clock.ts";
import { createMessageGate } from "./message-gate.ts";

test("messages are handled one after the other; beyond measure they cost nothing, and who goes on is cut off once", async () => {
  let now = 1_000_000;
  const clock: Clock = { now: () => now, every: () => () => {}, after: () => () => {} };
  let running = 0;
  const handled: unknown[] = [];
  const handle = async (input: unknown): Promise<Ack> => {
    expect(++running).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    handled.push(input);
    running--;
    return { ok: true };
  };
  let [tooMany, deaf] = [0, 0];
  const gate = createMessageGate({ clock, handle, onTooMany: () => tooMany++, onDeaf: () => deaf++ });
  const answers: Ack[] = [];
  for (let i = 0; i < 1_000; i++) gate.take(i, (answer) => answers.push(answer));
  expect(answers.length).toBeLessThan(300);
  expect(answers.every((one) => !one.ok && one.code === "TOO_MANY")).toBe(true);
  expect([tooMany, deaf]).toEqual([880, 1]);
  now += 20_000;
  await new Promise<void>((resolve) => gate.take("later", () => resolve()));
  expect(handled).toEqual([...Array.from({ length: 120 }, (_, i) => i), "later"]);
});
