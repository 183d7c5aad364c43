import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe-core finds wrong with the page as it is now: one line per rule and place. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  // A dialog that is still fading in has other colours than it will have.
  await page.evaluate("Promise.allSettled(document.getAnimations().map((animation) => animation.finished))");
  // Evaluated through the debugger, which the page's content security policy does not bind.
  const { violations } = await page.evaluate<AxeResults>(`${source};axe.run(document, { resultTypes: ["violations"] })`);
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary ?? ""}`));
}
