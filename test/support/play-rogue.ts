import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/lib/paths.mjs";
import type { Rogue, RogueAnswers } from "./rogue.ts";
import type { World } from "./world.ts";

/** Lets rogue.ts speak to the hub from host `a`, with the credential an agent keeps in `state`. */
export function playRogue(world: World, state: string, seed: number | null): { readonly hostId: string; readonly answers: RogueAnswers } {
  const { hostId, credential } = JSON.parse(readFileSync(join(state, "credential.json"), "utf8")) as Pick<Rogue, "hostId" | "credential">;
  const input = JSON.stringify({ url: world.hub.url, hostId, credential, seed } satisfies Rogue);
  const command = [process.execPath, "--import", "tsx", join(root, "test/support/rogue.ts")];
  return { hostId, answers: JSON.parse(world.lab.run("a", command, { input, cwd: root })) as RogueAnswers };
}
