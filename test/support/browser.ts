import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const flags = [
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
  const launcher = join(folder, "chromium");
  writeFileSync(launcher, `#!/bin/sh\nexec ${[...enter, "/usr/bin/chromium"].join(" ")} "$@"\n`);
  chmodSync(launcher, 0o755);
  // a signal is for whoever cleans up: the library would end this process at once
  const signals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
  const browser = await chromium.launch({ executablePath: launcher, args: flags, ...signals });
  return {
    browser,
    close: async () => {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
