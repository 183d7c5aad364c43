import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Page, chromium } from "playwright-core";
import { startChild } from "../../../scripts/lib/proc.mjs";
import { CHROMIUM, chromiumFlags, launchOptions } from "../../support/browser.ts";
import { signIn } from "../../support/sign-in.ts";
import type { World } from "../../support/world.ts";

/** Chromium's own key store is a desktop's, which is not there. */
const PLAIN_COOKIES = "--password-store=basic";

/** Signs in to the hub of a world from its host `a`, then does what is to be done there; the profile keeps the cookies. */
export async function signedIn<T>(profile: string, { hub, lab, folder }: World, act: (page: Page) => Promise<T>): Promise<T> {
  const launch = join(folder, "sign-in");
  mkdirSync(launch);
  const { args, ...options } = launchOptions(launch, lab.inside("a", []));
  const context = await chromium.launchPersistentContext(profile, {
    ...options,
    args: [...args, PLAIN_COOKIES],
    ignoreHTTPSErrors: true,
    baseURL: hub.url,
  });
  try {
    const page = await context.newPage();
    await signIn(page, hub);
    return await act(page);
  } finally {
    await context.close();
  }
}

/** Runs `act` with the debugging port of a Chromium that nothing else speaks to, on host `a` of a world. */
export async function withChromium<T>(profile: string, { lab, folder }: World, act: (port: string) => Promise<T>): Promise<T> {
  const flags = ["--headless=new", "--remote-debugging-port=0", `--user-data-dir=${profile}`, "--ignore-certificate-errors"];
  const browser = startChild({
    name: "Chromium",
    command: lab.inside("a", [CHROMIUM, ...chromiumFlags, ...flags, PLAIN_COOKIES, "about:blank"]),
    cwd: folder,
    env: process.env,
  });
  try {
    return await act(await browser.waitFor((line) => /^DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(line)?.[1], 30_000));
  } finally {
    await browser.stop();
  }
}
