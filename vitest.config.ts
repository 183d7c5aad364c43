import { defineConfig } from "vitest/config";

const ignored = ["**/node_modules/**", "**/dist/**", "**/build/**", "**/.next/**", "**/.sonde/**"];
/** These change the kernel's state or drive a browser: one at a time, and with room for slow machines. */
const slow = { fileParallelism: false, testTimeout: 120_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    maxWorkers: "100%", // else one processor would wait
    projects: [
      {
        test: {
          name: "unit",
          include: ["{apps,packages,scripts,test}/**/*.test.{ts,tsx}"],
          exclude: [...ignored, "**/*.{hub,kernel,e2e}.test.ts"],
          testTimeout: 20_000,
          // modules keep no state (the design has no singletons), so files share a process, and each module is read once
          isolate: false,
          unstubGlobals: true,
        },
      },
      // a hub on a Postgres of its own: seconds each, so not part of `npm run check`
      { test: { name: "hub", include: ["**/*.hub.test.ts"], exclude: ignored, testTimeout: 60_000, hookTimeout: 60_000 } },
      { test: { name: "kernel", include: ["**/*.kernel.test.ts"], exclude: ignored, ...slow } },
      { test: { name: "e2e", include: ["**/*.e2e.test.ts"], exclude: ignored, ...slow } },
    ],
  },
});
