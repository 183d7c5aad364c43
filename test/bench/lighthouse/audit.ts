import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const program = join(import.meta.dirname, "tool/node_modules/lighthouse/cli/index.js");
export const categories = ["performance", "accessibility", "best-practices"] as const;
type Category = (typeof categories)[number];

/** One audit that cost a category points. */
type Finding = { readonly category: Category; readonly audit: string; readonly score: number; readonly says: string };
/** Scores from 0 to 100. */
export type Run = { readonly scores: Readonly<Record<Category, number>>; readonly findings: readonly Finding[] };

/** What is read of Lighthouse's result (its docs/understanding-results.md). */
type Result = {
  readonly finalDisplayedUrl: string;
  readonly runtimeError?: { readonly code: string; readonly message: string };
  readonly categories: Record<Category, { readonly score: number | null; readonly auditRefs: readonly { id: string; weight: number }[] }>;
  readonly audits: Record<string, { readonly title: string; readonly score: number | null; readonly displayValue?: string }>;
};

/**
 * One run of Lighthouse over an address, in a tab of its own of the Chromium that debugs at `port`: as on a desk, with an
 * empty cache, with the profile's cookies. Throws when another page came instead or the page failed.
 *
 * @param enter argv that comes before, such as a namespace's
 */
export async function audit(
  url: string,
  port: string,
  enter: (command: readonly string[]) => readonly string[],
  retries = 1,
): Promise<Run> {
  const flags = [
    "--preset=desktop",
    `--only-categories=${categories.join(",")}`,
    "--no-enable-error-reporting",
    "--disable-full-page-screenshot",
  ];
  const [file = "", ...args] = enter([process.execPath, program, url, `--port=${port}`, ...flags, "--output=json", "--quiet"]);
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"] });
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  if (!out.startsWith("{")) throw new Error(`Lighthouse said nothing of ${url}: ${errors}`);
  const result = JSON.parse(out) as Result;
  // The tab's trace now and then begins too late for the navigation: Lighthouse asks to be run again.
  if (result.runtimeError?.code === "NO_NAVSTART" && retries > 0) return audit(url, port, enter, retries - 1);
  if (result.runtimeError) throw new Error(`${url}: ${result.runtimeError.message}`);
  if (result.finalDisplayedUrl !== url) throw new Error(`${url} led to ${result.finalDisplayedUrl}`);
  const all = categories.map((category) => ({ category, ...result.categories[category] }));
  return {
    scores: Object.fromEntries(
      all.map(({ category, score }) => [category, Math.round(Number(score ?? Number.NaN) * 100)]),
    ) as Run["scores"],
    findings: all.flatMap(({ category, auditRefs }) =>
      auditRefs.flatMap(({ id, weight }) => {
        const { title, score = null, displayValue = "" } = result.audits[id] ?? { title: id };
        return weight > 0 && score !== null && score < 1 ? [{ category, audit: id, score, says: `${title} ${displayValue}`.trim() }] : [];
      }),
    ),
  };
}
