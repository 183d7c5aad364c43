/*
 * The dashboard in headless Chromium, on the hub as built: the first load of the fleet page, and a live view under
 * 10,000 records a second beside an empty page, and a capture file of a million packets. `--minutes N`: of the live view, 5.
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

const { values } = parseArgs({ options: { json: { type: "boolean" }, minutes: { type: "string", default: "5" } } });
const report = reporter(process.argv.slice(2));
const folder = mkdtempSync(join(tmpdir(), "sonde-browser-bench-"));
const file = join(folder, "million.pcapng");
writeCapture(file); // before there is an agent in this process that has to answer in time
const world = await createBrowserWorld(HOSTS);
try {
  await measureFirstLoad(world, report);
  await measureCaptureFile(world, report, file);
  await measureLive(world, report, { path: `/hosts/${world.agent.hostId}`, minutes: Number(values.minutes) });
} finally {
  await world.close();
  rmSync(folder, { recursive: true });
}
