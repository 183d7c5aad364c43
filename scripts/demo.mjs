import { writeFileSync } from "node:fs";
import { startDemo } from "./lib/demo/demo.mjs";
import { agentOf } from "./lib/demo/fleet.mjs";
import { hostNames } from "./lib/demo/hosts.mjs";
import { clearLeftovers, removeLink } from "./lib/demo/leftovers.mjs";
import { readOptions } from "./lib/demo/options.mjs";
import { createParts } from "./lib/demo/parts.mjs";
import { demoLayout, forgetEarlier } from "./lib/demo/place.mjs";
import { forget, makeFolders } from "./lib/instance.mjs";
import { takeLock } from "./lib/lock.mjs";
import { readable } from "./lib/logfile.mjs";
import { home } from "./lib/paths.mjs";
import { bold, dim, line, Refusal, showFailure } from "./lib/say.mjs";
import { aborted, checkHere, interruption, setUp } from "./lib/setup.mjs";

const interrupted = interruption();
const over = new AbortController();
const signal = AbortSignal.any([interrupted, over.signal]);
const parts = createParts();
/** @type {Promise<void>} */
let traffic = Promise.resolve();
let exitCode = 0;
let release = () => {};

try {
  const options = readOptions(process.argv.slice(2));
  checkHere();
  if (process.getuid?.() !== 0)
    throw new Refusal("the demo makes network namespaces and loads eBPF programs: run it as root, or with sudo.");
  const at = demoLayout(options.data);
  if (at.data.startsWith(home.data)) makeFolders(home);
  makeFolders(at);
  const unlock = takeLock(at.lock);
  release = () => (removeLink(at.data), forget(at), unlock());
  await setUp({ purposes: ["build", "run", "demo"], signal });
  const left = await clearLeftovers(at.data);
  if (left > 0) line(dim(`  ${left} processes of a demo that was killed were still there; they were ended.`));
  if (options.fresh) forgetEarlier(at);
  const demo = await Promise.race([startDemo({ options, at, parts, signal }), aborted(signal)]);
  const link = await demo.hub.admin("admin-link");
  writeFileSync(at.instance, JSON.stringify({ databaseUrl: demo.embedded, url: demo.hub.url, identity: demo.identity.kind }), {
    mode: 0o644,
  });
  announce({ demo, link, options });
  traffic = demo.play();
  await untilOneEnds(at.log);
} catch (error) {
  if (!signal.aborted) {
    showFailure(error);
    exitCode = 1;
  }
}
await stopAll();
process.exit(exitCode);

/** @param {{ demo: Awaited<ReturnType<typeof startDemo>>, link: string, options: import("./lib/demo/options.mjs").DemoOptions }} shown */
function announce({ demo, link, options }) {
  const { has } = demo.network;
  const missing = Object.entries({
    IPv6: has.ipv6,
    VXLAN: has.vxlan,
    "VLAN devices (tagged frames are replayed)": has.vlan,
    "lost packets": has.loss,
  });
  const without = missing.flatMap(([what, here]) => (here ? [] : [what]));
  line(`\nThe demo is up at ${bold(demo.hub.url)}`);
  line(`Sign in once with ${bold(link)}`);
  line(dim("The certificate is the hub's own: the browser asks once. `npm run admin-link -- --demo` makes another link."));
  for (const name of hostNames) line(dim(`  ${name.padEnd(9)} a shell on it: nsenter -n -m -u -t ${demo.network.pid(name)}`));
  if (without.length > 0) line(dim(`Not here, because this kernel lacks it: ${without.join(", ")}.`));
  const end = options.minutes === undefined ? "Ctrl+C stops everything." : `It ends after ${options.minutes} minutes, or by Ctrl+C.`;
  line(dim(`The traffic's schedule has the seed ${options.seed}. ${end}\n`));
  if (options.minutes !== undefined) setTimeout(() => over.abort(), options.minutes * 60_000).unref();
}

/** Ends only by throwing: when it is over, or when a part ends by itself. @param {string} log */
async function untilOneEnds(log) {
  const ended = await Promise.race([aborted(signal), parts.ended, traffic.then(() => aborted(signal))]);
  const { code, signal: by } = await ended.child.exited;
  const how = by === null ? `with exit code ${code}` : `by ${by}`;
  throw new Refusal(`${ended.name} ended ${how}; its log is in ${log}. Stopping the rest.`, readable(ended.child.tail()));
}

/** Traffic, agents, services, hub, Postgres, network; each wait is bounded. */
async function stopAll() {
  if (!signal.aborted) over.abort();
  const quiet = parts.empty();
  if (!quiet) line("\nStopping …");
  await traffic.catch(() => {});
  await parts.stopAll((name) => name.startsWith(agentOf("")));
  release();
  if (!quiet) line("Stopped.");
}
