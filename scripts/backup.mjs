import { backUp } from "./lib/backup.mjs";
import { takeLock } from "./lib/lock.mjs";
import { home } from "./lib/paths.mjs";
import { line, Refusal, showFailure, step, warn } from "./lib/say.mjs";

let release = () => {};
try {
  const [file, ...rest] = process.argv.slice(2);
  if (file === undefined || rest.length > 0) throw new Refusal("name the archive: npm run backup -- FILE.tar.gz");
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
