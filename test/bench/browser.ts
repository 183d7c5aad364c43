/*
 * The dashboard in headless Chromium, on the hub as built: the first load of the fleet page, a capture file of a million
 * packets, and a live view under 10,000 records a second beside an empty page. `--only first|file|live`: one of them;
 * `--minutes N`: of the live view, 5.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measureCaptureFile, writeCapture } from "./browser/capture-file.ts";
import { measureFirstLoad } from "./browser/first-load.ts";
import { measureLive } from "./browser/live.ts";
import { createBrowserWorld } from "./browser/world.ts";
import { reporter } from "./report.ts";

const HOSTS = 6;

const parts = ["first", "file", "live"] as const;
const { values } = parseArgs({
  options: { json: { type: "boolean" }, minutes: { type: "string", default: "5" }, only: { type: "string" } },
});
const chosen = parts.filter((part) => (values.only ?? part) === part);
if (chosen.length === 0) throw new Error(`--only is one of ${parts.join(", ")}`);
const report = reporter(process.argv.slice(2));
const folder = mkdtempSync(join(tmpdir(), "sonde-browser-bench-"));
const file = join(folder, "million.pcapng");
if (chosen.includes("file")) writeCapture(file); // before there is an agent in this process that has to answer in time
const world = await createBrowserWorld(HOSTS);
const measure = {
  first: () => measureFirstLoad(world, report),
  file: () => measureCaptureFile(world, report, file),
  live: () => measureLive(world, report, { path: `/hosts/${world.agent.hostId}`, minutes: Number(values.minutes) }),
};
try {
  for (const part of chosen) await measure[part]();
} finally {
  await world.close();
  rmSync(folder, { recursive: true });
}
