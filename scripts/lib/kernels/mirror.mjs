import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "../say.mjs";

/** @typedef {{ uri: string, signedBy: string }} Mirror */

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
const folder = "/etc/apt";

/** Where this machine gets Debian's main archive from, by its own apt sources. @returns {Mirror} */
export function debianMirror() {
  const parts = join(folder, "sources.list.d");
  const names = existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : [];
  for (const path of [join(folder, "sources.list"), ...names]) {
    if (!existsSync(path)) continue;
    const uri = archiveIn(readFileSync(path, "utf8"));
    if (uri !== undefined) return { uri, signedBy: keyring };
  }
  throw new Refusal("no Debian archive among this machine's apt sources; the kernels are fetched from one.");
}

/**
 * The archive a file of apt sources names whose path ends in /debian: not security's, not a vendor's. Both
 * styles of sources.list(5): `URIs:` fields of stanzas, and `deb [options] uri suite components`.
 *
 * @param {string} text
 * @returns {string | undefined}
 */
export function archiveIn(text) {
  const stanzas = [...text.matchAll(/^URIs:(.*)$/gim)].flatMap(([, value = ""]) => value.trim().split(/\s+/));
  const lines = [...text.matchAll(/^deb\s+(?:\[[^\]]*\]\s+)?(\S+)/gm)].map(([, uri = ""]) => uri);
  return [...stanzas, ...lines].find((uri) => /^https?:\/\/\S+\/debian\/?$/.test(uri));
}
