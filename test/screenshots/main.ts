/** `npm run screenshots -- [--minutes N] [--running] [--only NAME] [--to FOLDER]`: the pictures of docs/screenshots, from a demo of their own or the one that runs from this clone. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { root } from "../../scripts/lib/paths.mjs";
import { asIdentity } from "../../scripts/lib/privilege.mjs";
import { startChild } from "../../scripts/lib/proc.mjs";
import { line, step } from "../../scripts/lib/say.mjs";
import { startBrowser } from "../support/browser.ts";
import { type Picture, pictures } from "./pictures.ts";

/** Rates want minutes; after four of them web-2 has been away once and is back. */
const options = {
  minutes: { type: "string", default: "4" },
  running: { type: "boolean", default: false },
  only: { type: "string" },
  to: { type: "string", default: join(root, "docs/screenshots") },
} as const;
const undo: (() => Promise<void> | void)[] = [];

async function end(): Promise<void> {
  for (const step of undo.splice(0).toReversed()) await step();
}

async function main(): Promise<void> {
  const { minutes, running, only, to } = parseArgs({ options }).values;
  const wanted = pictures.filter((picture) => only === undefined || picture.name === only);
  if (wanted.length === 0) throw new Error(`no picture is named ${only}; there are: ${pictures.map(({ name }) => name).join(", ")}`);
  const page = await signIn(running ? runningDemo() : await step("The demo", startDemo));
  if (!running) await step(`${minutes} minutes of traffic`, () => pause(Number(minutes) * 60_000));
  mkdirSync(to, { recursive: true });
  for (const picture of wanted) {
    const there = await page.request.get(picture.screen);
    if (there.status() === 404) line(`  ${picture.name}: this hub has no ${picture.screen}`);
    else await step(picture.name, () => take(page, picture, to)).catch(failed);
  }
}

/** The others are taken all the same. */
function failed(error: unknown): void {
  console.error(error);
  process.exitCode = 1;
}

/** In both themes. */
async function take(page: Page, picture: Picture, to: string): Promise<void> {
  await page.setViewportSize({ width: 1280, height: picture.height ?? 800 });
  await page.emulateMedia({ colorScheme: "dark" });
  await picture.open(page);
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.mouse.move(0, 0);
    await page.waitForTimeout(400); // charts are drawn anew
    await page.screenshot({ path: join(to, `${picture.name}-${colorScheme}.png`) });
  }
}

/** A fresh demo of its own, apart from one that someone looks at. */
async function startDemo(): Promise<string> {
  const folder = mkdtempSync("/tmp/sonde-screenshots-");
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o711); // the hub and Postgres run as another user
  const demoCommand = [process.execPath, join(root, "scripts/demo.mjs"), "--data", join(folder, "demo"), "--seed", "1"];
  const command = asIdentity({ kind: "self" }, demoCommand, "SIGINT"); // it stops in order, also when this process dies
  const demo = startChild({ name: "the demo", command, cwd: root, env: process.env });
  undo.push(() => demo.stop({ signal: "SIGINT", graceMs: 20_000 }));
  return demo.waitFor((line) => /^Sign in once with (https:.*)$/.exec(line)?.[1], 120_000);
}

/** A link of the demo that someone runs from this clone. */
function runningDemo(): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "scripts/admin-link.mjs"), "--demo"], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

async function signIn(link: string): Promise<Page> {
  const { browser, close } = await startBrowser();
  undo.push(close);
  const { origin } = new URL(link);
  const context = await browser.newContext({ ignoreHTTPSErrors: true, baseURL: origin });
  const page = await context.newPage();
  await page.goto(link);
  await page.getByRole("button", { name: "Sign in to this hub" }).click();
  await page
    .getByLabel("E-mail")
    .or(page.getByRole("grid", { name: "Hosts" }))
    .waitFor();
  return page;
}

for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    process.exitCode = 1;
    void end().then(() => process.exit());
  });
try {
  await main();
} catch (error) {
  failed(error);
} finally {
  await end();
}
