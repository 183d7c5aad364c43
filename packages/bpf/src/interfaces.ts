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
