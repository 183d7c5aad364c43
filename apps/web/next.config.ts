import { fileURLToPath } from "node:url";
import type { NextConfig } from "next";

const root = fileURLToPath(new URL("../..", import.meta.url));

const config: NextConfig = {
  transpilePackages: ["@sonde/protocol"],
  turbopack: { root },
  outputFileTracingRoot: root,
  poweredByHeader: false,
  compress: false, // the bundle is compressed already, and pages are small
  typescript: { ignoreBuildErrors: true }, // types are checked once for the whole repository, by `npm run check`
  images: { unoptimized: true },
};

export default config;
