import { createHash, randomBytes, randomUUID } from "node:crypto";
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "../../scripts/lib/paths.mjs";
import type { World } from "./world.ts";

export type Command = {
  readonly child: ChildProcess;
  readonly status: Promise<number | null>;
  readonly stdout: () => string;
  readonly stderr: () => string;
};

/** The built command `sonde` on host `a`, with a token that may change things. */
export async function openSonde(world: World): Promise<(...args: string[]) => Command> {
  const secret = `sonde_${randomBytes(32).toString("base64url")}`;
  const hash = createHash("sha256").update(secret).digest();
  await world.database.query(
    "INSERT INTO api_token (id, hash, prefix, name, access, created_by) VALUES ($1, $2, $3, 'test', 'write', 'test')",
    [randomUUID(), hash, secret.slice(0, 12)],
  );
  const { url, pin } = world.hub;
  const env = {
    PATH: process.env["PATH"],
    HOME: world.folder,
    SONDE_HUB: url,
    SONDE_TOKEN: secret,
    ...(pin === undefined ? {} : { SONDE_PIN: pin }),
  };
  return (...args) => {
    const [file = "", ...rest] = world.lab.inside("a", [process.execPath, join(root, "apps/cli/dist/sonde.mjs"), ...args]);
    const child = spawn(file, rest, { env, stdio: ["ignore", "pipe", "pipe"] });
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) child[name].setEncoding("utf8").on("data", (text: string) => (said[name] += text));
    const status = new Promise<number | null>((resolve) => child.once("close", resolve));
    return { child, status, stdout: () => said.stdout, stderr: () => said.stderr };
  };
}
