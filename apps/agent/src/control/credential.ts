import { chmodSync, mkdirSync, openSync, closeSync, fsyncSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { CommandError } from "./usage-error.ts";

const credentialSchema = z.object({
  version: z.literal(1),
  hub: z.url(),
  pin: z.string().nullable(),
  hostId: z.uuid(),
  name: z.string(),
  credential: z.string().min(20).max(200),
  enrolledAt: z.iso.datetime(),
});
/** What makes this host itself to its hub. Kept in STATE/credential.json, mode 0600. */
export type Credential = z.infer<typeof credentialSchema>;

const pathIn = (stateDir: string): string => join(stateDir, "credential.json");

/** Null when the host is not enrolled. Throws CommandError when the file cannot be read or understood. */
export function readCredential(stateDir: string): Credential | null {
  let text: string;
  try {
    text = readFileSync(pathIn(stateDir), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw new CommandError(`cannot read ${pathIn(stateDir)}: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    return credentialSchema.parse(JSON.parse(text));
  } catch {
    // The cause is left out: it may quote the file.
    throw new CommandError(`${pathIn(stateDir)} is damaged; enrol again with --force`);
  }
}

/** Fails early, before a one-time token is spent, when the state folder cannot be written. Throws CommandError. */
export function prepareStateDir(stateDir: string): void {
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    chmodSync(stateDir, 0o700);
    const probe = join(stateDir, `.probe-${process.pid}`);
    closeSync(openSync(probe, "wx", 0o600));
    rmSync(probe);
  } catch (error) {
    throw new CommandError(`cannot write to the state folder ${stateDir}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Replaces the file as a whole: written, synced and renamed, so a crash leaves the old one or the new one. */
export function writeCredential(stateDir: string, credential: Credential): void {
  const draft = join(stateDir, `.credential-${process.pid}.json`);
  rmSync(draft, { force: true });
  const fd = openSync(draft, "wx", 0o600);
  try {
    writeSync(fd, `${JSON.stringify(credential, null, 2)}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(draft, pathIn(stateDir));
}
