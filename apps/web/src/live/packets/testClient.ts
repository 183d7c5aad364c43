import { PacketsClient } from "./client.ts";
import type { WorkerMessage } from "./messages.ts";
import { PacketSession } from "./session.ts";

/** A client whose worker is in the same process; messages are cloned as they would be. */
export function started(): PacketsClient {
  let tell: (message: WorkerMessage) => void = () => {};
  const session = new PacketSession({
    post: (message) => queueMicrotask(() => tell(structuredClone(message))),
    turn: () => new Promise((resolve) => setImmediate(resolve)),
    read: (part) => part.arrayBuffer(),
    now: () => performance.now(),
    later: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
  const port = {
    post: (message: Parameters<PacketSession["take"]>[0]) => void session.take(structuredClone(message)),
    listen: (message: (message: WorkerMessage) => void) => (tell = message),
    terminate: () => {},
  };
  return new PacketsClient(port, (run) => {
    queueMicrotask(run);
    return () => {};
  });
}
