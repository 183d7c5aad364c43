import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { axeViolations } from "./axe.ts";

/** The window of a desk; that of a test that is surveyed. */
export const DESK = { width: 1280, height: 800 } as const;
/** The last one stays. */
const sizes = [
  ["phone", { width: 390, height: 844 }],
  ["2560", { width: 2560, height: 1440 }],
  ["1280", DESK],
] as const;
const shots = process.env["SONDE_SCREENSHOTS"];
if (shots !== undefined) mkdirSync(shots, { recursive: true });

/** In both colour schemes: axe finds nothing; a picture when pictures are wanted (SONDE_SCREENSHOTS=DIR), in three sizes. */
export async function survey(page: Page, name: string): Promise<void> {
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const [width, size] of shots === undefined ? [] : sizes) {
      await page.setViewportSize(size);
      await page.waitForTimeout(400); // charts are drawn anew when their width changes
      await page.screenshot({ path: join(shots ?? "", `${name}-${colorScheme}-${width}.png`) });
    }
    expect(await axeViolations(page), `${name}, ${colorScheme}`).toEqual([]);
  }
}
