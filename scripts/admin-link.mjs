import { existsSync, readFileSync } from "node:fs";
import { demoFolder } from "./lib/demo/options.mjs";
import { hubNeeds, runAdmin } from "./lib/hub.mjs";
import { home, layout, root } from "./lib/paths.mjs";
import { chooseIdentity } from "./lib/privilege.mjs";
import { Refusal, showFailure } from "./lib/say.mjs";

const demo = process.argv.includes("--demo");
const { instance, hub: data } = demo ? layout(demoFolder) : home;

try {
  process.stdout.write(`${await makeLink()}\n`);
} catch (error) {
  showFailure(error);
  process.exitCode = 1;
}

/** A new sign-in link of the instance, or the demo, that runs from this clone. */
async function makeLink() {
  if (!existsSync(instance)) {
    throw new Refusal(demo ? "No demo runs from this clone." : "Sonde does not run from this clone; start it with `npm start`.");
  }
  const { databaseUrl, url: hub } = /** @type {{ databaseUrl?: string, url: string }} */ (JSON.parse(readFileSync(instance, "utf8")));
  const url = databaseUrl ?? process.env["DATABASE_URL"];
  if (url === undefined) throw new Refusal("Sonde runs on a database of yours: set DATABASE_URL as it was for `npm start`.");
  const identity = chooseIdentity({ clone: root, needs: hubNeeds, env: process.env });
  return runAdmin({ databaseUrl: url, data, identity, env: { SONDE_URL: hub } }, "admin-link");
}
