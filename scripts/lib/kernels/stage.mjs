import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { root } from "../paths.mjs";
import { Refusal } from "../say.mjs";

const bundle = join(root, "apps/agent/dist/sonde-agent-x86_64.tar.gz");
const tool = join(root, "packages/bpf/build/programs");
const loader = "lib/ld-linux-x86-64.so.2";

/**
 * Unpacks the agent's bundle, as a host gets it, into a folder, and puts the runner and its tool beside it.
 *
 * @param {string} home
 */
export async function stageBundle(home) {
  for (const needed of [bundle, tool]) if (!existsSync(needed)) throw new Refusal(`${needed} is missing; run: npm run build`);
  mkdirSync(home, { recursive: true });
  execFileSync("tar", ["-xzf", bundle, "-C", home]);
  copyFileSync(tool, join(home, "programs"));
  chmodSync(join(home, "programs"), 0o755);
  await build({
    entryPoints: [join(root, "test/kernels/guest.ts")],
    outfile: join(home, "runner.mjs"),
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "warning",
  });
}

/**
 * Puts what libpcap and tshark of this machine answer beside the runner, which compares with it where they are not.
 *
 * @param {string} home
 * @param {number} seed
 */
export function stageAnswers(home, seed) {
  const script = join(root, "test/kernels/answers.ts");
  execFileSync(process.execPath, ["--import", "tsx", script, join(home, "answers.json"), String(seed)], { cwd: root });
}

/**
 * The runner's command line: the bundle's own Node, started by its own loader, as on a host.
 *
 * @param {string} home where the bundle lies when the command runs
 * @param {number} seed
 */
export const runnerCommand = (home, seed) => [
  join(home, loader),
  "--library-path",
  join(home, "lib"),
  join(home, "node"),
  join(home, "runner.mjs"),
  home,
  String(seed),
];

/** What the runner calls, and sh for the rest. */
const programs = ["ip", "nsenter", "tcpdump", "tcpreplay"];

/**
 * Puts programs of this machine, with every library they need, into a root folder at their own paths.
 *
 * @param {string} target
 */
export function stagePrograms(target) {
  const found = programs.map((name) => execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim());
  for (const path of ["/bin/busybox", ...found, ...libraries(found)]) {
    mkdirSync(join(target, dirname(path)), { recursive: true });
    copyFileSync(realpathSync(path), join(target, path));
  }
}

/** @param {readonly string[]} files */
function libraries(files) {
  const listed = execFileSync("ldd", [...files, tool], { encoding: "utf8" });
  return new Set([...listed.matchAll(/(?:=> |^\s+)(\/\S+)(?= \()/gm)].map(([, path = ""]) => path));
}
