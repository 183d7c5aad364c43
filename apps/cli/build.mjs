// Builds dist/sonde.mjs, one file with every dependency.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));

await build({
  entryPoints: { sonde: join(here, "src/main.ts") },
  outdir: process.argv[2] ?? join(here, "dist"),
  outExtension: { ".js": ".mjs" },
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  legalComments: "inline",
  // Names that no bundled module uses: CommonJS dependencies call require for Node's own modules.
  banner: { js: 'import { createRequire as sondeCreateRequire } from "node:module"; const require = sondeCreateRequire(import.meta.url);' },
  logLevel: "warning",
});
