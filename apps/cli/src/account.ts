import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { CommandError, reasonOf } from "./errors.ts";

/** The hub that `sonde login` chose, and what it is asked with. Kept in a file of mode 0600. */
export type Account = { readonly url: string; readonly pin: string | null; readonly token: string };

/** Null when nobody logged in. Throws CommandError when the file is damaged or others may read it. */
export function readAccount(path: string): Account | null {
  let text: string;
  try {
    if ((statSync(path).mode & 0o077) !== 0)
      throw new CommandError(`${path} may be read by others; make it yours alone (chmod 600), or log in again`);
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof CommandError) throw error;
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw new CommandError(`cannot read ${path}: ${reasonOf(error)}`);
  }
  const account = parse(text);
  if (!account) throw new CommandError(`${path} is damaged; log in again`); // it is not quoted: it holds a secret
  return account;
}

/** Replaces the file as a whole. Throws CommandError. */
export function writeAccount(path: string, account: Account): void {
  const draft = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    rmSync(draft, { force: true });
    writeFileSync(draft, `${JSON.stringify(account, null, 2)}\n`, { mode: 0o600, flag: "wx" });
    chmodSync(draft, 0o600);
    renameSync(draft, path);
  } catch (error) {
    throw new CommandError(`cannot write ${path}: ${reasonOf(error)}`);
  }
}

/** Idempotent. */
export function removeAccount(path: string): void {
  rmSync(path, { force: true });
}

function parse(text: string): Account | null {
  try {
    const found: unknown = JSON.parse(text);
    if (typeof found !== "object" || found === null || !("url" in found) || !("token" in found) || !("pin" in found)) return null;
    const { url, pin, token } = found;
    return typeof url === "string" && typeof token === "string" && (pin === null || typeof pin === "string") ? { url, pin, token } : null;
  } catch {
    return null;
  }
}
