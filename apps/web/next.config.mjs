import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * JavaScript, because a TypeScript configuration is compiled again at every start, with a line on stdout.
 * @type {import("next").NextConfig}
 */
const config = {
  transpilePackages: ["@sonde/filter", "@sonde/pcapfile", "@sonde/protocol"],
  turbopack: { root },
  outputFileTracingRoot: root,
  poweredByHeader: false,
  compress: false, // the agent bundle and scripts are compressed already, and pages are small
  typescript: { ignoreBuildErrors: true }, // types are checked once for the whole repository, by `npm run check`
  images: { unoptimized: true },
};

export default config;
