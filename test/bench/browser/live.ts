import { setTimeout as pause } from "node:timers/promises";
import type { CDPSession, Page } from "playwright-core";
import { type Report, quantile } from "../report.ts";
import { countFrames } from "./frames.ts";
import { sendRecords } from "./records.ts";
import { tasksDuring } from "./tasks.ts";
import type { BrowserWorld } from "./world.ts";

const RECORDS_PER_SECOND = 10_000;
const SETTLE_MS = 5_000;
const SLICE_MS = 10_000;
/** Tasks are traced in some slices only: a trace of minutes would itself be the load. */
const TRACED_EVERY = 3;

/**
 * A page that shows packets live, for minutes, beside an empty page of another browser in the same time: frames, tasks
 * of its main thread, memory after a collection.
 */
export async function measureLive(
  world: BrowserWorld,
  report: Report,
  { path, minutes }: { path: string; minutes: number },
): Promise<void> {
  const sender = sendRecords(world.agent, RECORDS_PER_SECOND);
  const page = await (await world.signedIn()).newPage();
  await page.goto(path);
  await page.getByRole("grid", { name: "Packets" }).locator("[data-index]").first().waitFor();
  const empty = await (await world.elsewhere()).newPage();
  const cdp = await page.context().newCDPSession(page);
  await pause(SETTLE_MS);
  const slices: { live: number; empty: number; bytes: number }[] = [];
  const tasks: number[] = [];
  const longTasks = await watchLongTasks(page);
  const end = performance.now() + minutes * 60_000;
  for (let i = 0; performance.now() < end; i++) {
    const counting = Promise.all([countFrames(page, SLICE_MS), countFrames(empty, SLICE_MS)]);
    if (i % TRACED_EVERY === 0) tasks.push(...(await tasksDuring(cdp, counting)));
    const [live, bare] = await counting;
    slices.push({ live, empty: bare, bytes: await heldBytes(cdp) });
  }
  const shown = await rowsShown(page);
  await sender.stop();
  const over = await longTasks();
  const at = `live view at ${RECORDS_PER_SECOND} records/s for ${minutes} min`;
  if (shown === 0) throw new Error("the live view shows no rows");
  report({
    name: `${at}: frames a second, median`,
    value: quantile(
      slices.map((slice) => slice.live),
      0.5,
    ),
    unit: "/s",
    peer: "an empty page of another browser in the same seconds",
    peerValue: quantile(
      slices.map((slice) => slice.empty),
      0.5,
    ),
    bar: { atLeast: 0.92 },
  });
  report({
    name: `${at}: tasks of the main thread that do something (≥ 1 ms, ${tasks.length} traced), p99`,
    value: quantile(tasks, 0.99),
    unit: "ms",
    peer: "most it may be",
    peerValue: 50,
    bar: { atMost: 1 },
  });
  report({ name: `${at}: tasks over 50 ms`, value: over / minutes, unit: "/min", peer: "none", peerValue: 1 });
  const bytesOf = (from: number, to: number): number =>
    quantile(
      slices.slice(Math.floor(from * slices.length), Math.ceil(to * slices.length)).map((slice) => slice.bytes / 1e6),
      0.5,
    );
  report({
    name: `${at}: memory held late`,
    value: bytesOf(0.8, 1),
    unit: "MB",
    peer: "early",
    peerValue: bytesOf(0.2, 0.4),
    bar: { atMost: 1.1 },
  });
  await page.context().close();
}

const rowsShown = (page: Page): Promise<number> => page.getByRole("grid", { name: "Packets" }).locator("[data-index]").count();

/** What is left after a collection: objects, and the buffers behind them. */
async function heldBytes(cdp: CDPSession): Promise<number> {
  await cdp.send("HeapProfiler.collectGarbage");
  const heap: { usedSize: number; embedderHeapUsedSize?: number; backingStorageSize?: number } = await cdp.send("Runtime.getHeapUsage");
  return heap.usedSize + (heap.embedderHeapUsedSize ?? 0) + (heap.backingStorageSize ?? 0);
}

async function watchLongTasks(page: Page): Promise<() => Promise<number>> {
  const counter = await page.evaluateHandle(() => {
    const seen = { tasks: 0 };
    new PerformanceObserver((list) => (seen.tasks += list.getEntries().length)).observe({ type: "longtask" });
    return seen;
  });
  return () => counter.evaluate((seen) => seen.tasks);
}
