import { readFileSync } from "node:fs";

const template = readFileSync(new URL("../../../deploy/install.sh", import.meta.url), "utf8");

export type InstallerValues = { readonly url: string; readonly pin?: string; readonly sha256?: string };

/** The script as the hub serves it. */
export function fillInstaller({ url, pin = "", sha256 = "0".repeat(64) }: InstallerValues): string {
  return template.replaceAll("@URL@", url).replaceAll("@PIN@", pin).replaceAll("@SHA256@", sha256);
}
