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
    const text = readFileSync(path, "utf8");
    const uri = path.endsWith(".sources") ? fromStanzas(text) : fromLines(text);
    if (uri !== undefined) return { uri, signedBy: keyring };
  }
  throw new Refusal("no Debian archive among this machine's apt sources; the kernels are fetched from one.");
}

/** Of the archives in a file, the one whose path ends in /debian: not security's, not a vendor's. @param {readonly string[]} uris */
const archive = (uris) => uris.find((uri) => /^https?:\/\/\S+\/debian\/?$/.test(uri));

/** deb822 (sources.list(5)): stanzas of fields. @param {string} text */
function fromStanzas(text) {
  return archive([...text.matchAll(/^URIs:(.*)$/gim)].flatMap(([, value = ""]) => value.trim().split(/\s+/)));
}

/** One-line style: `deb [options] uri suite components`. @param {string} text */
function fromLines(text) {
  return archive([...text.matchAll(/^deb\s+(?:\[[^\]]*\]\s+)?(\S+)/gm)].map(([, uri = ""]) => uri));
}
