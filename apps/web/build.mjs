import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";

const app = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));

/** Runs a program of node_modules; ends the build with its exit code when it fails. */
function run(bin, args, cwd) {
  const env = { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1", CHECKPOINT_DISABLE: "1" };
  const { status } = spawnSync(`${root}/node_modules/.bin/${bin}`, args, { cwd, env, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

/** Beside each script and style its Brotli form, which the hub sends (src/server/boot/static-files.ts). */
function compressStatic(folder) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(js|css)$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    writeFileSync(`${path}.br`, brotliCompressSync(readFileSync(path)));
  }
}

run("prisma", ["generate"], root);
run("next", ["build"], app);
compressStatic(join(app, ".next/static"));
await build({
  entryPoints: [`${app}/server.ts`, `${app}/admin.ts`],
  outdir: `${app}/dist`,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  sourcemap: true,
  logLevel: "warning",
  plugins: [
    {
      // Packages stay in node_modules; the workspace's own are source and are bundled.
      name: "external-packages",
      setup({ onResolve }) {
        onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
          kind === "entry-point" || path.startsWith("@sonde/") ? undefined : { path, external: true },
        );
      },
    },
  ],
});
