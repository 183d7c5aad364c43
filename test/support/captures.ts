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
  return captureFiles(join(folder, "tests")).flatMap((path) => readCapture(path) ?? []);
}

/** Paths of tcpdump's and Wireshark's own test captures, of any link type; some are gzipped, some damaged. */
export function allCaptureFiles(): readonly string[] {
  const [tcpdump, wireshark] = [join(cache, "tcpdump"), join(cache, "wireshark")];
  if (!existsSync(tcpdump)) fetchSource("tcpdump", tcpdump);
  if (!existsSync(wireshark)) fetchSource("wireshark", wireshark, "test/captures");
  return [...captureFiles(join(tcpdump, "tests")), ...captureFiles(join(wireshark, "test/captures"))];
}

function captureFiles(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name))
    .sort()
    .map((name) => join(folder, name));
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
 * Unpacks a Debian source package into `folder`, or `only` a folder of it; whole or not at all. apt gets lists and sources of its
 * own, made from the machine's, so that nothing of the system's changes.
 */
function fetchSource(name: string, folder: string, only?: string): void {
  mkdirSync(cache, { recursive: true });
  const stage = mkdtempSync(join(cache, `.${name}-`));
  try {
    mkdirSync(join(stage, "lists/partial"), { recursive: true });
    writeFileSync(join(stage, "sources.list"), `deb-src [signed-by=${keyring}] ${mirror()} ${suite()} main\n`);
    const own = [`Dir::Etc::SourceList=${stage}/sources.list`, "Dir::Etc::SourceParts=/dev/null", `Dir::State::Lists=${stage}/lists`];
    const run = (program: string, ...args: string[]): Buffer =>
      execFileSync(program, args, { cwd: stage, stdio: ["ignore", "ignore", "pipe"] });
    const apt = (...args: string[]): Buffer => run("apt-get", "-qq", ...own.flatMap((option) => ["-o", option]), ...args);
    const unpack = (part: string): void => {
      const archive = readdirSync(stage).find((file) => /\.orig\.tar\.\w+$/.test(file));
      if (archive === undefined) throw new Error(`apt-get source ${name} brought no archive`);
      mkdirSync(join(stage, "source"));
      run("tar", "-xf", archive, "-C", "source", "--strip-components=1", "--wildcards", `*/${part}/*`);
    };
    apt("update");
    apt("source", "--download-only", name);
    const description = readdirSync(stage).find((file) => file.endsWith(".dsc"));
    if (description === undefined) throw new Error(`apt-get source ${name} brought no .dsc`);
    if (only === undefined) run("dpkg-source", "--no-check", "--skip-patches", "-x", description, "source");
    else unpack(only);
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
