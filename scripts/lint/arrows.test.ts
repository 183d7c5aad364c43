import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

/** One line per arrow the design does not draw: a file, and an import it must not have. */
const refused: readonly (readonly [file: string, statement: string])[] = [
  ["apps/web/src/app/X/page.tsx", 'import { prisma } from "../../../../../prisma/generated/client.ts";'],
  ["apps/web/src/app/X/page.tsx", 'import { rows } from "../../server/store/rows.ts";'],
  ["apps/web/src/app/X/page.tsx", 'import { sessions } from "../../server/hub/sessions.ts";'],
  ["apps/web/src/app/X/page.tsx", 'import { io } from "socket.io-client";'],
  ["apps/web/src/app/X/page.tsx", 'import { PrismaClient } from "@prisma/client";'],
  ["apps/web/src/server/services/X/list.ts", 'import { sessions } from "../../hub/sessions.ts";'],
  ["apps/web/src/server/services/X/list.ts", 'import { Page } from "../../../features/fleet/Page.tsx";'],
  ["apps/web/src/server/hub/X/a.ts", 'import { PrismaClient } from "../../../../../../prisma/generated/client.ts";'],
  ["apps/web/src/server/store/X/a.ts", 'import { list } from "../../services/hosts/list.ts";'],
  ["apps/web/src/server/store/X/a.ts", 'import { PrismaClient } from "../../../../../../prisma/generated/client.ts";'],
  ["apps/web/src/domain/X/a.ts", 'import { useState } from "react";'],
  ["apps/web/src/domain/X/a.ts", 'import { readFileSync } from "node:fs";'],
  ["apps/web/src/domain/X/a.ts", 'import { feed } from "../../live/feed.ts";'],
  ["apps/web/src/api/X/a.ts", 'import { feed } from "../../live/feed.ts";'],
  ["apps/web/src/live/X/a.ts", 'import { useState } from "react";'],
  ["apps/web/src/live/X/a.ts", 'import { Row } from "../../features/host/Row.tsx";'],
  ["apps/web/src/features/X/A.tsx", 'import { getCtx } from "../../server/context.ts";'],
  ["apps/web/src/features/X/A.tsx", 'const late = () => import("../../server/context.ts");'],
  ["apps/web/src/features/X/A.tsx", 'import { io } from "socket.io-client";'],
  ["apps/web/src/ui/X/A.tsx", 'import { rate } from "../../domain/units.ts";'],
  ["apps/web/src/ui/X/A.tsx", 'import { decode } from "@sonde/protocol";'],
  ["apps/web/src/server/X/a.ts", 'import { openEngine } from "@sonde/bpf";'],
  ["apps/web/src/server/X/a.ts", 'import { run } from "@sonde/agent/src/main.ts";'],
  ["apps/agent/src/capture/X/a.ts", 'import { connect } from "../../uplink/connect.ts";'],
  ["apps/agent/src/pipeline/X/a.ts", 'import { openEngine } from "@sonde/bpf";'],
  ["apps/agent/src/pipeline/X/a.ts", 'import { readFileSync } from "node:fs";'],
  ["apps/agent/src/control/X/a.ts", 'export * from "../../uplink/connect.ts";'],
  ["apps/agent/src/uplink/X/a.ts", 'import { openEngine } from "@sonde/bpf";'],
  ["apps/agent/src/uplink/X/a.ts", 'import type { Row } from "../../../../web/src/domain/row.ts";'],
  ["apps/cli/src/X/a.ts", 'import { dial } from "../../../agent/src/uplink/dialer.ts";'],
  ["apps/cli/src/X/a.ts", 'import { compileFilter } from "@sonde/filter";'],
  ["apps/cli/src/X/a.ts", 'const home = process.env["HOME"];'],
  ["packages/protocol/src/X/a.ts", 'import { openEngine } from "@sonde/bpf";'],
  ["packages/protocol/src/X/a.ts", 'import { readFileSync } from "node:fs";'],
  ["packages/bpf/src/X/a.ts", 'import { decode } from "@sonde/protocol";'],
  ["apps/web/src/server/X/a.ts", 'export const url = process.env["DATABASE_URL"];'],
  ["apps/agent/src/uplink/X/a.ts", "export const url = process.env.SONDE_URL;"],
];

const allowed: readonly (readonly [file: string, statement: string])[] = [
  ["apps/web/src/app/X/page.tsx", 'import { list } from "../../server/services/hosts/list.ts";'],
  ["apps/web/src/server/services/X/list.ts", 'import { rows } from "../../store/rows.ts";'],
  ["apps/web/src/features/X/A.tsx", 'import { Button } from "../../ui/Button.tsx";'],
  ["apps/agent/src/capture/X/a.ts", 'import { openEngine } from "@sonde/bpf";'],
];

const root = fileURLToPath(new URL("../..", import.meta.url));
const fixture = mkdtempSync("/tmp/sonde-lint-");
afterAll(() => rmSync(fixture, { recursive: true, force: true }));

/** Writes one violation as a file of its own, in a folder laid out like the repository. */
function place([file, statement]: readonly [string, string], index: number): string {
  const path = file.replace(/(\w+)(\.tsx?)$/, `$1${index}$2`);
  mkdirSync(dirname(join(fixture, path)), { recursive: true });
  writeFileSync(join(fixture, path), `${statement}\n`);
  return path;
}

test("lint refuses every import that the design does not draw, and no other", () => {
  const bad = refused.map((one, index) => [place(one, index), one] as const);
  const good = allowed.map((one, index) => place(one, 1000 + index));
  writeFileSync(
    join(fixture, ".oxlintrc.json"),
    JSON.stringify({
      jsPlugins: [join(root, "scripts/lint/plugin.mjs")],
      categories: { correctness: "off" },
      rules: { "sonde/arrows": "error", "sonde/environment": "error" },
    }),
  );
  const command = [join(root, "node_modules/.bin/oxlint"), "-f", "unix", "."];
  const lint = spawnSync(process.execPath, command, { cwd: fixture, encoding: "utf8" });
  const complained = new Set(lint.stdout.split("\n").map((line) => line.split(":")[0]));
  expect(bad.filter(([path]) => !complained.has(path)).map(([, one]) => one)).toEqual([]);
  expect(good.filter((path) => complained.has(path))).toEqual([]);
});
