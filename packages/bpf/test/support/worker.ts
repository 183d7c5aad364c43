/** Opens its own engine in a worker thread; leaves with a drain under way, and without closing when told so. */
import { parentPort, workerData } from "node:worker_threads";
import { openEngine, watchInterfaces } from "../../src/index.ts";

const { ifindex, close } = workerData as { ifindex: number; close: boolean };
const lent: Uint8Array[] = []; // held until the thread is gone
const engine = openEngine({ ringBytes: 1 << 20 });
engine.attach(ifindex, "tcx");
watchInterfaces(() => undefined);
let records = 0;
engine.start((batch, count) => {
  records += count;
  lent.push(batch);
  parentPort?.postMessage(records);
});
parentPort?.postMessage("attached");
parentPort?.once("message", () => {
  void engine.drainFlows().catch(() => undefined);
  if (!close) process.exit();
  void engine.close().then(() => parentPort?.close());
});
