/*
 * Lighthouse over each main screen of the hub as built, two hosts with real agents and everyday traffic behind it: desktop,
 * five runs of a screen, the median of each category. `--screens REGEX`: only these; `--runs N`: other than five.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startTraffic } from "../support/traffic.ts";
import { createWorld } from "../support/world.ts";
import { type Run, audit, categories } from "./lighthouse/audit.ts";
import { signedIn, withChromium } from "./lighthouse/browser.ts";
import { type Screen, fillScreens, signInScreen } from "./lighthouse/screens.ts";
import { quantile, reporter } from "./report.ts";

/** The least score that is good enough, of 100. */
const BAR = 95;

const options = { json: { type: "boolean" }, screens: { type: "string", default: "" }, runs: { type: "string", default: "5" } } as const;
const { values } = parseArgs({ options });
const wanted = new RegExp(values.screens, "i");
const report = reporter(process.argv.slice(2));
const undo: (() => Promise<void>)[] = [];
try {
  const world = await createWorld();
  undo.push(world.close);
  for (const [host, name] of [["a", "web-1"] as const, ["b", "files-1"] as const]) await world.agentOn(host, [], name);
  undo.push(startTraffic(world.lab, world.folder));

  const measure = (profile: string, screens: readonly Screen[]): Promise<void> =>
    withChromium(profile, world, async (port) => {
      for (const [name, path] of screens.filter(([name]) => wanted.test(name))) {
        const runs: Run[] = [];
        for (let i = 0; i < Number(values.runs); i++)
          runs.push(await audit(world.hub.url + path, port, (command) => world.lab.inside("a", command)));
        tell(name, runs);
      }
    });
  await measure(join(world.folder, "stranger"), [signInScreen]);
  const profile = join(world.folder, "profile");
  await measure(profile, await signedIn(profile, world, fillScreens));
} finally {
  for (const step of undo.toReversed()) await step();
}

/** The median of each category; what cost points in any run, once each, on standard error. */
function tell(name: string, runs: readonly Run[]): void {
  for (const category of categories) {
    const value = quantile(
      runs.map(({ scores }) => scores[category]),
      0.5,
    );
    report({ name: `${name}, ${category}`, value, unit: "points", peer: "least it may be", peerValue: BAR, bar: { atLeast: 1 } });
  }
  const lines = runs.flatMap(({ findings }) =>
    findings.map(({ category, audit, score, says }) => `  ${category}: ${audit} ${score}: ${says}`),
  );
  for (const line of new Set(lines)) console.error(line);
}
