import { fileURLToPath } from "node:url";
import { defineConfig } from "prisma/config";

/**
 * The Prisma CLI wants a schema engine binary even to generate; this repository speaks that engine's
 * protocol on its WebAssembly build, so that no engine is downloaded.
 */
process.env["PRISMA_SCHEMA_ENGINE_BINARY"] ??= fileURLToPath(new URL("prisma/tools/schema-engine.mjs", import.meta.url));

const url = process.env["DATABASE_URL"];

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  // The series are plain SQL; the CLI must neither miss nor drop them.
  experimental: { externalTables: true },
  tables: { external: ["public.interface_counters", "public.flow_records", "public.filter_counters"] },
  ...(url === undefined ? {} : { datasource: { url } }),
});
