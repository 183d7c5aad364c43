import { callError } from "./errors.ts";
import { native } from "./load.ts";
import type { NetInterface } from "./types.ts";

/** The network devices of this process's network namespace. Throws BpfError when the kernel refuses. */
export function listInterfaces(): readonly NetInterface[] {
  const result = native().listInterfaces();
  if (typeof result === "number") throw callError("Listing the interfaces", result);
  return result;
}

/** CLOCK_BOOTTIME in nanoseconds: the clock of records and counters. */
export function clockBoottimeNs(): bigint {
  return native().clockBoottimeNs();
}

/**
 * Calls the listener soon after a device of this network namespace appeared, vanished, was renamed, changed its
 * settings or moved; once for a burst. It keeps no process alive. Returns an idempotent disposer; throws BpfError
 * when the kernel refuses.
 */
export function watchInterfaces(listener: () => void): () => void {
  const watch = new (native().InterfaceWatch)();
  const result = watch.open(listener);
  if (result < 0) throw callError("Watching the interfaces", result);
  return () => watch.close();
}
