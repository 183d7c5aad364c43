export * from "./types.ts";
export { openEngine } from "./engine.ts";
export { openCostRun } from "./cost-run.ts";
export { translateFilters } from "./filters.ts";
export { openTestRun, packPackets } from "./test-run.ts";
export { clockBoottimeNs, listInterfaces, watchInterfaces } from "./interfaces.ts";
export { probeKernel } from "./probe.ts";
export { nativeDir, setNativeDir } from "./load.ts";
