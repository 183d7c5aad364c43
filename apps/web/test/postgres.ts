import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { hubNeeds } from "../../../scripts/lib/hub.mjs";
import { root } from "../../../scripts/lib/paths.mjs";
import { startPostgres as start } from "../../../scripts/lib/postgres.mjs";
import { chooseIdentity } from "../../../scripts/lib/privilege.mjs";

export type TestPostgres = {
  readonly url: string;
  /** Ends the server and removes its files. Idempotent. */
  stop(): Promise<void>;
};

/** The embedded Postgres as `npm start` runs it, on a fresh folder and without fsync. */
export async function startPostgres(): Promise<TestPostgres> {
  const folder = mkdtempSync("/tmp/sonde-pg-");
  chmodSync(folder, 0o711); // Postgres runs as another user
  const identity = chooseIdentity({ clone: root, needs: hubNeeds.filter((path) => path.endsWith("postgres")), env: process.env });
  const { url, stop } = await start({ data: join(folder, "data"), run: join(folder, "run"), identity, durable: false });
  return {
    url,
    stop: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
