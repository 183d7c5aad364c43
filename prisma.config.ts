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
  tables: {
    external: [
      "public.interface_counters",
      "public.interface_counters_10s",
      "public.interface_counters_1m",
      "public.interface_counters_1h",
      "public.filter_counters",
      "public.filter_counters_10s",
      "public.filter_counters_1m",
      "public.filter_counters_1h",
      "public.flow_records",
      "public.flow_counters_1m",
      "public.flow_counters_10m",
      "public.flow_counters_1h",
      "public.packet_records",
      "public.rollup_due",
    ],
  },
  ...(url === undefined ? {} : { datasource: { url } }),
});
