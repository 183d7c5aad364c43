// Builds dist/agent.mjs and dist/judge-worker.mjs, files with every dependency, and puts the addon, its programs and
// the filter compiler beside them.
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const native = join(here, "../../packages/bpf/build");
const compiler = join(here, "../../packages/filter/build/pcap-compile");

for (const [file, workspace] of [
  [join(native, "sonde_bpf.node"), "@sonde/bpf"],
  [compiler, "@sonde/filter"],
]) {
  if (existsSync(file)) continue;
  process.stderr.write(`${file} is missing. Run: npm run build -w ${workspace}\n`);
  process.exit(1);
}

mkdirSync(dist, { recursive: true });
for (const stale of readdirSync(dist).filter((name) => /\.(node|bpf\.o)$/.test(name))) rmSync(join(dist, stale));

await build({
  entryPoints: { agent: join(here, "src/main.ts"), "judge-worker": join(here, "src/capture/judge-worker.ts") },
  outdir: dist,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  legalComments: "inline",
  external: ["bufferutil", "utf-8-validate"], // optional to ws, which has its own in JS
  // Names that no bundled module uses: CommonJS dependencies call require for Node's own modules.
  banner: { js: 'import { createRequire as sondeCreateRequire } from "node:module"; const require = sondeCreateRequire(import.meta.url);' },
  logLevel: "warning",
});

for (const name of readdirSync(native).filter((each) => each === "sonde_bpf.node" || each.endsWith(".bpf.o"))) {
  copyFileSync(join(native, name), join(dist, name));
}
copyFileSync(compiler, join(dist, "pcap-compile"));
