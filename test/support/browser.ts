import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";

export const CHROMIUM = "/usr/bin/chromium";

/** Of every Chromium here. */
export const chromiumFlags: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Debian's Chromium, headless, with a fresh profile; `enter` is argv before it, such as a namespace's. */
export async function startBrowser(enter: readonly string[] = []): Promise<{ browser: Browser; close: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "sonde-browser-"));
  const browser = await chromium.launch(launchOptions(folder, enter));
  return {
    browser,
    close: async () => {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Of a library's launch: a program written into `folder` enters what is to be entered first. */
export function launchOptions(folder: string, enter: readonly string[]) {
  const executablePath = join(folder, "chromium");
  writeFileSync(executablePath, `#!/bin/sh\nexec ${[...enter, CHROMIUM].join(" ")} "$@"\n`);
  chmodSync(executablePath, 0o755);
  // a signal is for whoever cleans up: the library would end this process at once
  const signals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
  return { executablePath, args: [...chromiumFlags], ...signals };
}
