import { onFrame } from "../signal.ts";
import { PacketsClient, type WorkerPort } from "./client.ts";
import type { WorkerMessage } from "./messages.ts";

/** Starts the worker that holds the packets. */
export function startPackets(): PacketsClient {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "packets" });
  const port: WorkerPort = {
    postMessage: (message, transfer) => worker.postMessage(message, transfer),
    onmessage: null,
    onerror: null,
    terminate: () => worker.terminate(),
  };
  worker.addEventListener("message", (event: MessageEvent<WorkerMessage>) => port.onmessage?.(event));
  worker.addEventListener("error", (event) => port.onerror?.(event));
  return new PacketsClient(port, onFrame);
}
