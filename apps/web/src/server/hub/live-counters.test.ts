import { BatchKind, type BatchHeader, type CounterPosition } from "@sonde/protocol";
import { expect, test } from "vitest";
import type { CountersSince } from "../store/counters-since.ts";
import { CounterLine } from "./live-counters.ts";

const HOST = "6f1c1e54-6d2b-4f43-9a53-3d2f0d5f8a11";
const BOOT = "00000000-0000-4000-8000-000000000001";

/** A batch whose only byte is its name. */
const batch = (stream: number, sequence: number, lastNs: number): { header: BatchHeader; bytes: Uint8Array; name: string } => {
  const losses = { ringLost: 0n, queueLost: 0n, filterSet: 0, count: 0, bodyLen: 0, sampleN: 1, snaplen: 0 };
  const times = { firstNs: BigInt(lastNs - 1), lastNs: BigInt(lastNs) };
  const of = { kind: BatchKind.counters, hostId: HOST, bootId: BOOT, stream: BigInt(stream), sequence: BigInt(sequence) };
  return { header: { ...of, ...times, ...losses }, bytes: Uint8Array.of(lastNs), name: `live ${lastNs}` };
};
const at = (stream: number, sequence: number, lastNs: number): CounterPosition => ({
  hostId: HOST,
  bootId: BOOT,
  stream: `${stream}`,
  sequence: `${sequence}`,
  lastNs: `${lastNs}`,
});

/** A line whose store answers when the test says so. */
function lineAfter(after: CounterPosition | null) {
  const sent: string[] = [];
  const reads: { fromNs: bigint; answer: (found: CountersSince | null) => void; fail: (error: Error) => void }[] = [];
  const timers: (() => void)[] = [];
  const is = { slow: false };
  const live = new Set<Uint8Array>();
  const line = new CounterLine({
    hostId: HOST,
    after,
    send: (bytes) => {
      if (is.slow) return false;
      sent.push(`${live.has(bytes) ? "live" : "stored"} ${bytes[0]}`);
      return true;
    },
    tell: ({ stream, sequence }) => void sent.push(`position ${stream}/${sequence}`),
    read: (_host, { lastNs }) => new Promise((answer, fail) => reads.push({ fromNs: lastNs, answer, fail })),
    clock: {
      now: () => 0,
      every: () => () => {},
      after: (_ms, run) => {
        timers.push(run);
        return () => {};
      },
    },
  });
  const take = (...of: Parameters<typeof batch>): void => {
    const one = batch(...of);
    live.add(one.bytes);
    if (is.slow) line.skip();
    else line.take(one.header, one.bytes);
  };
  const answer = async (found: CountersSince | null): Promise<void> => {
    reads.shift()?.answer(found);
    await Promise.resolve();
    await Promise.resolve();
  };
  return { line, sent, reads, timers, is, take, answer };
}
const stored = (stream: number, sequence: number, ...ends: number[]): CountersSince => ({
  bootId: BOOT,
  stream: BigInt(stream),
  sequence: BigInt(sequence),
  batches: ends.map((end) => Uint8Array.of(end)),
  lastNs: BigInt(ends.at(-1) ?? 0),
});

test("a line without a past takes what comes, in sequence, and nothing twice", () => {
  const { sent, take, reads } = lineAfter(null);
  take(1, 7, 10);
  take(1, 8, 11);
  take(1, 8, 11);
  take(2, 1, 12);
  take(1, 9, 12);
  expect(sent).toEqual(["live 10", "live 11", "live 12"]);
  expect(reads).toHaveLength(0);
});

test("what is missing comes from the store, and live goes on behind it", async () => {
  const { line, sent, take, answer, reads } = lineAfter(at(1, 7, 10));
  line.start();
  take(1, 9, 12);
  take(1, 10, 13);
  expect(reads[0]?.fromNs).toBe(10n);
  await answer(stored(1, 9, 10, 11, 12));
  take(1, 11, 14);
  expect(sent).toEqual(["stored 10", "stored 11", "stored 12", "position 1/9", "live 13", "live 14"]);
});

test("a browser that is ahead of the store, because it saw what was not committed, gets none of it again", async () => {
  const { line, sent, take, answer } = lineAfter(at(1, 7, 10));
  line.start();
  await answer(stored(1, 6, 9));
  take(1, 7, 10);
  take(1, 8, 11);
  expect(sent).toEqual(["live 11"]);
});

test("a gap that the store does not close yet is asked for again, also after it did not answer", async () => {
  const { sent, take, answer, reads, timers } = lineAfter(null);
  take(1, 1, 1);
  take(1, 4, 4);
  await answer(stored(1, 2, 1, 2));
  expect(timers).toHaveLength(1);
  timers.shift()?.();
  reads.shift()?.fail(new Error("no database"));
  await new Promise((resolve) => setImmediate(resolve));
  expect(timers).toHaveLength(1);
  timers.shift()?.();
  expect(reads[0]?.fromNs).toBe(2n);
  await answer(stored(1, 3, 2, 3));
  expect(sent).toEqual(["live 1", "stored 1", "stored 2", "position 1/2", "stored 2", "stored 3", "position 1/3", "live 4"]);
});

test("what a slow browser was not sent it gets once it keeps up; a stop in the middle of that begins it again", async () => {
  const { line, sent, take, answer, is } = lineAfter(null);
  take(1, 1, 1);
  is.slow = true;
  take(1, 2, 2);
  is.slow = false;
  line.resume();
  is.slow = true;
  await answer(stored(1, 2, 1, 2));
  expect(sent).toEqual(["live 1"]);
  is.slow = false;
  line.resume();
  await answer(stored(1, 2, 1, 2));
  take(1, 3, 3);
  expect(sent).toEqual(["live 1", "stored 1", "stored 2", "position 1/2", "live 3"]);
});

test("while the store is away live batches wait in bounds; what did not fit comes from the store", async () => {
  const { line, sent, take, answer, reads, timers } = lineAfter(at(1, 0, 0));
  line.start();
  for (let i = 1; i <= 100; i++) take(1, i, i);
  await answer(stored(1, 0));
  timers.shift()?.();
  expect(reads).toHaveLength(1);
  await answer(stored(1, 36, ...Array.from({ length: 36 }, (_, i) => i + 1)));
  expect(sent.filter((one) => one.startsWith("stored"))).toHaveLength(36);
  expect(sent.filter((one) => one.startsWith("live"))).toEqual(Array.from({ length: 64 }, (_, i) => `live ${i + 37}`));
});
