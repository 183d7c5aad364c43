import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { ConfigError, readConfig } from "./src/server/boot/config.ts";
import { openDatabase } from "./src/server/boot/database.ts";
import { systemClock } from "./src/server/clock.ts";
import { createAdminLink } from "./src/server/services/admin-links/create.ts";
import { createToken } from "./src/server/services/tokens/create.ts";

const USAGE = "usage: admin.mjs admin-link | enrol-token";
const TOKEN_MINUTES = 15;

/** The hub's shell: prints one line to stdout, a one-time sign-in link or an enrolment token. */
async function main(verb: string | undefined): Promise<void> {
  if (verb !== "admin-link" && verb !== "enrol-token") throw new ConfigError(USAGE);
  const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
  const config = readConfig(process.env);
  const log = pino({ level: "warn", base: { name: "admin" } }, pino.destination(2));
  const database = await openDatabase(config.databaseUrl, join(root, "prisma/migrations"), log);
  try {
    const ctx = { db: database.prisma, clock: systemClock };
    const actor = { kind: "local" } as const;
    const line =
      verb === "admin-link"
        ? `${config.url}/link#${(await createAdminLink({ ctx, actor, input: null })).secret}`
        : (await createToken({ ctx, actor, input: { minutes: TOKEN_MINUTES } })).token;
    process.stdout.write(`${line}\n`);
  } finally {
    await database.close();
  }
}

main(process.argv[2]).catch((error: unknown) => {
  process.stderr.write(`sonde admin: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
