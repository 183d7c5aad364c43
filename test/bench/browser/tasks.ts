import type { CDPSession } from "playwright-core";

type TraceEvent = {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  readonly args?: { readonly name?: string };
};

/** Durations, ms, of the page's main-thread tasks of 1 ms or more while `work` runs, from Chromium's own trace. */
export async function tasksDuring(cdp: CDPSession, work: Promise<unknown>): Promise<number[]> {
  const events: TraceEvent[] = [];
  const collect = ({ value }: { value: object[] }): void => void events.push(...(value as TraceEvent[]));
  cdp.on("Tracing.dataCollected", collect);
  await cdp.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: ["disabled-by-default-devtools.timeline", "devtools.timeline", "__metadata"] },
  });
  await work;
  const complete = new Promise((resolve) => cdp.once("Tracing.tracingComplete", resolve));
  await cdp.send("Tracing.end");
  await complete;
  cdp.off("Tracing.dataCollected", collect);
  const mains = new Set(events.filter((one) => one.args?.name === "CrRendererMain").map((one) => `${one.pid}/${one.tid}`));
  return events
    .filter((one) => one.name === "RunTask" && mains.has(`${one.pid}/${one.tid}`))
    .map((one) => (one.dur ?? 0) / 1000)
    .filter((ms) => ms >= 1);
}
