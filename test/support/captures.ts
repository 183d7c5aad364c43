import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CaptureFileError, CaptureReader } from "../../packages/pcapfile/src/index.ts";

/** A packet as a capture file holds it. */
export type Captured = { readonly bytes: Uint8Array; readonly wireLen: number };
/** `name` is the file's, for messages. */
export type Capture = { readonly name: string; readonly path: string; readonly linkType: number; readonly packets: readonly Captured[] };

/** LINKTYPE_ values: Ethernet, and those of bare IP (pcap-linktype(7); 12 as old files have it). */
export const ETHERNET = 1;
export const BARE_IP: readonly number[] = [12, 101];

const cache = fileURLToPath(new URL("../../.sonde/captures", import.meta.url));

/**
 * tcpdump's own test captures, from the source package of this machine's Debian, which is fetched once
 * into .sonde/captures: those that CaptureReader accepts, of one link type, Ethernet or bare IP. In order
 * of their names.
 */
export function tcpdumpCaptures(): readonly Capture[] {
  const folder = join(cache, "tcpdump");
  if (!existsSync(folder)) fetchSource("tcpdump", folder);
  const tests = join(folder, "tests");
  return readdirSync(tests)
    .filter((name) => /\.pcap(ng)?$/.test(name))
    .sort()
    .flatMap((name) => readCapture(join(tests, name)) ?? []);
}

/** Null for what is no capture, for several link types in one file, and for link types without Ethernet or IP. */
export function readCapture(path: string): Capture | null {
  const linkTypes: number[] = [];
  const packets: Captured[] = [];
  const reader = new CaptureReader({
    interface: (_id, { linkType }) => linkTypes.push(linkType),
    packet: ({ bytes, offset, capLen, wireLen }) =>
      packets.push({ bytes: Uint8Array.from(bytes.subarray(offset, offset + capLen)), wireLen }),
  });
  try {
    reader.push(readFileSync(path));
    reader.end();
  } catch (error) {
    if (!(error instanceof CaptureFileError)) throw error; // what came before the damage counts
  }
  const [linkType] = linkTypes;
  if (linkType === undefined || linkTypes.some((other) => other !== linkType)) return null;
  if (linkType !== ETHERNET && !BARE_IP.includes(linkType)) return null;
  return { name: path.slice(path.lastIndexOf("/") + 1), path, linkType, packets };
}

/**
 * Unpacks a Debian source package into `folder`, whole or not at all. apt gets lists and sources of its
 * own, made from the machine's, so that nothing of the system's changes.
 */
function fetchSource(name: string, folder: string): void {
  mkdirSync(cache, { recursive: true });
  const stage = mkdtempSync(join(cache, `.${name}-`));
  try {
    mkdirSync(join(stage, "lists/partial"), { recursive: true });
    writeFileSync(join(stage, "sources.list"), `deb-src [signed-by=${keyring}] ${mirror()} ${suite()} main\n`);
    const own = [`Dir::Etc::SourceList=${stage}/sources.list`, "Dir::Etc::SourceParts=/dev/null", `Dir::State::Lists=${stage}/lists`];
    const apt = (...args: string[]): Buffer =>
      execFileSync("apt-get", ["-qq", ...own.flatMap((option) => ["-o", option]), ...args], {
        cwd: stage,
        stdio: ["ignore", "ignore", "pipe"],
      });
    apt("update");
    apt("source", "--download-only", name);
    const description = readdirSync(stage).find((file) => file.endsWith(".dsc"));
    if (description === undefined) throw new Error(`apt-get source ${name} brought no .dsc`);
    execFileSync("dpkg-source", ["--no-check", "--skip-patches", "-x", description, "source"], {
      cwd: stage,
      stdio: ["ignore", "ignore", "pipe"],
    });
    if (!existsSync(folder)) renameSync(join(stage, "source"), folder);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Debian's main archive as this machine's apt knows it; never security's or a vendor's. */
function mirror(): string {
  const parts = "/etc/apt/sources.list.d";
  const files = ["/etc/apt/sources.list", ...readdirSync(parts).map((name) => join(parts, name))];
  for (const file of files.filter((path) => /\.(list|sources)$/.test(path) && existsSync(path))) {
    const found = /^(?:deb|URIs:).*?\s(https?:\/\/\S+\/debian\/?)(?=\s|$)/m.exec(readFileSync(file, "utf8"));
    if (found?.[1] !== undefined) return found[1];
  }
  throw new Error("no Debian archive among this machine's apt sources");
}

function suite(): string {
  const [, name] = /^VERSION_CODENAME=(\S+)$/m.exec(readFileSync("/etc/os-release", "utf8")) ?? [];
  if (name === undefined) throw new Error("/etc/os-release names no VERSION_CODENAME");
  return name;
}
