import { join } from "node:path";
import { runAsBuilder } from "./install.mjs";
import { root } from "./paths.mjs";
import { Refusal, step } from "./say.mjs";

/**
 * Builds whatever changed since the last build; turbo tells by the content of each task's inputs.
 *
 * @param {AbortSignal} signal
 */
export function ensureBuilt(signal) {
  return step("Build", async (detail) => {
    const command = [
      join(root, "node_modules/.bin/turbo"),
      "run",
      "build",
      "bundle",
      "--ui=stream",
      "--output-logs=new-only",
      "--log-order=stream",
    ];
    const env = {
      TURBO_TELEMETRY_DISABLED: "1",
      NEXT_TELEMETRY_DISABLED: "1",
      DO_NOT_TRACK: "1",
      FORCE_COLOR: "0",
      SONDE_BUILD_NODE: process.version,
    };
    const result = await runAsBuilder("turbo", command, { detail, env, signal });
    if (result.code !== 0) throw new Refusal("the build failed.", result.output);
  });
}
