import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { restore } from "./lib/backup.mjs";
import { takeLock } from "./lib/lock.mjs";
import { home } from "./lib/paths.mjs";
import { line, Refusal, showFailure, step } from "./lib/say.mjs";

let release = () => {};
try {
  const [name, ...rest] = process.argv.slice(2);
  if (name === undefined || rest.length > 0) throw new Refusal("name the archive: npm run restore -- FILE.tar.gz");
  const file = resolve(process.env["INIT_CWD"] ?? ".", name); // npm runs this in the clone
  mkdirSync(home.data, { recursive: true });
  release = takeLock(home.lock);
  await step(`Restore from ${file}`, () => restore({ at: home, file }));
  line("Start with `npm start`, under the same SONDE_URL: the agents come back by themselves.");
} catch (error) {
  showFailure(error);
  process.exitCode = 1;
} finally {
  release();
}
