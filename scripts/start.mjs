import { writeFileSync } from "node:fs";
import { forget, makeFolders, startInstance } from "./lib/instance.mjs";
import { takeLock } from "./lib/lock.mjs";
import { readable } from "./lib/logfile.mjs";
import { home } from "./lib/paths.mjs";
import { bold, dim, line, Refusal, showFailure } from "./lib/say.mjs";
import { aborted, checkHere, interruption, setUp } from "./lib/setup.mjs";

const signal = interruption();
/** @type {import("./lib/proc.mjs").Part[]} */
const running = [];
let exitCode = 0;
let release = () => {};

try {
  checkHere();
  makeFolders(home);
  release = takeLock(home.lock);
  await setUp({ purposes: ["build", "run"], signal });
  const instance = await Promise.race([startInstance({ at: home, running, signal }), aborted(signal)]);
  const link = await instance.hub.admin("admin-link");
  const { kind } = instance.identity;
  writeFileSync(home.instance, JSON.stringify({ databaseUrl: instance.embedded, url: instance.hub.url, identity: kind }), { mode: 0o644 });
  line(`\nSonde is up at ${bold(instance.hub.url)}`);
  line(`Sign in once with ${bold(link)}`);
  line(dim("The link is good for 15 minutes; `npm run admin-link` makes another. Ctrl+C stops everything.\n"));
  await untilOneEnds();
} catch (error) {
  if (!signal.aborted) {
    showFailure(error);
    exitCode = 1;
  }
}
await stopAll();
process.exit(exitCode);

/** Ends only by throwing: on Ctrl+C, or when a part ends by itself. */
async function untilOneEnds() {
  const ended = await Promise.race([aborted(signal), ...running.map(async (part) => (await part.child.exited, part))]);
  const { code, signal: by } = await ended.child.exited;
  const how = by === null ? `with exit code ${code}` : `by ${by}`;
  throw new Refusal(`${ended.name} ended ${how}; its log is in ${home.log}. Stopping the rest.`, readable(ended.child.tail()));
}

/** In the order agent, hub, Postgres; each wait is bounded. */
async function stopAll() {
  if (running.length > 0) line("\nStopping …");
  for (const part of running.toReversed()) await part.stop();
  forget(home);
  release();
  if (running.length > 0) line("Stopped.");
}
