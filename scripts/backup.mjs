import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { backUp } from "./lib/backup.mjs";
import { takeLock } from "./lib/lock.mjs";
import { home } from "./lib/paths.mjs";
import { line, Refusal, showFailure, step, warn } from "./lib/say.mjs";

let release = () => {};
try {
  const [name, ...rest] = process.argv.slice(2);
  if (name === undefined || rest.length > 0) throw new Refusal("name the archive: npm run backup -- FILE.tar.gz");
  if (!existsSync(home.data)) throw new Refusal("there is nothing to back up: Sonde never ran from this clone.");
  const file = resolve(process.env["INIT_CWD"] ?? ".", name); // npm runs this in the clone
  release = takeLock(home.lock);
  await step(`Back up to ${file}`, () => backUp({ at: home, file }));
  line("It holds the hub's keys: keep it as you keep those.");
  if (process.env["DATABASE_URL"]) warn("The database at DATABASE_URL is not in it: back that up with pg_dump (docs/backup.md).");
} catch (error) {
  showFailure(error);
  process.exitCode = 1;
} finally {
  release();
}
