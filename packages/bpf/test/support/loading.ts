/** A worker thread that leaves, or waits to be ended, while a filter set is loading. */
import { parentPort, workerData } from "node:worker_threads";
import { openEngine, translateFilters, type Filter } from "../../src/index.ts";

const { ending, long } = workerData as { ending: "exit" | "terminate"; long: Filter };
const engine = openEngine({ ringBytes: 1 << 20 });
const translated = translateFilters({ number: 1, filters: [long] }, engine.filterTarget());
engine.loadFilters(translated, [long]).then(
  () => parentPort?.postMessage("loaded"),
  (error: unknown) => parentPort?.postMessage(String(error)),
);
parentPort?.postMessage("loading");
if (ending === "exit") process.exit(0);
