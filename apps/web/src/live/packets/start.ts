import { onFrame } from "../signal.ts";
import { PacketsClient, type WorkerPort } from "./client.ts";

/** Starts a worker with an empty table; dispose() of its client ends it. Browser only. */
export function startPackets(): PacketsClient {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "packets" });
  const port = {
    post: worker.postMessage.bind(worker),
    terminate: worker.terminate.bind(worker),
    listen: (message, failed) => {
      worker.addEventListener("message", ({ data }) => message(data));
      worker.addEventListener("error", ({ message: words }) => failed(words));
    },
  } satisfies WorkerPort;
  return new PacketsClient(port, onFrame);
}
