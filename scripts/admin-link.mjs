import { existsSync, readFileSync } from "node:fs";
import { hubNeeds, runAdmin } from "./lib/hub.mjs";
import { home, root } from "./lib/paths.mjs";
import { chooseIdentity } from "./lib/privilege.mjs";
import { Refusal, showFailure } from "./lib/say.mjs";

try {
  process.stdout.write(`${await makeLink()}\n`);
} catch (error) {
  showFailure(error);
  process.exitCode = 1;
}

/** A new sign-in link of the instance that runs from this clone. */
async function makeLink() {
  if (!existsSync(home.instance)) throw new Refusal("Sonde does not run from this clone; start it with `npm start`.");
  const { databaseUrl, url: hub } = /** @type {{ databaseUrl?: string, url: string }} */ (JSON.parse(readFileSync(home.instance, "utf8")));
  const url = databaseUrl ?? process.env["DATABASE_URL"];
  if (url === undefined) throw new Refusal("Sonde runs on a database of yours: set DATABASE_URL as it was for `npm start`.");
  const identity = chooseIdentity({ clone: root, needs: hubNeeds, env: process.env });
  return runAdmin({ databaseUrl: url, data: home.hub, identity, env: { SONDE_URL: hub } }, "admin-link");
}
