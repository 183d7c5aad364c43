#!/usr/bin/env node
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const built = new URL("../dist/sonde.mjs", import.meta.url);
if (existsSync(fileURLToPath(built))) {
  await import(built.href);
} else {
  process.stderr.write("sonde is not built yet. In the clone's root, run: npm start (or npm run build)\n");
  process.exit(1);
}
