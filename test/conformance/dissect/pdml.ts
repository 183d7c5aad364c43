/** Packets as tshark's PDML has them (doc/README.xml-output): a stream of lines, one element each. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A field or protocol, in the order of the packet. */
export type Theirs = { readonly name: string; readonly show: string; readonly hidden: boolean };

const ELEMENT = /^ +<(proto|field) name="([^"]*)"/;
const SHOW = / show="([^"]*)"/;
/** Layers that stand for none of the packet's. */
const apart = new Set(["geninfo", "frame", "fake-field-wrapper"]);

/** Each packet's fields. Throws with tshark's own words. */
export async function* dissectWithTshark(path: string, folder: string, options: readonly string[]): AsyncGenerator<readonly Theirs[]> {
  const child = spawn("tshark", ["-n", "-r", path, "-T", "pdml", ...options], {
    env: { ...process.env, WIRESHARK_CONFIG_DIR: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  let found: Theirs[] = [];
  let skipping = false;
  for await (const line of createInterface({ input: child.stdout.setEncoding("utf8"), crlfDelay: Infinity })) {
    if (line === "<packet>") found = [];
    else if (line === "</packet>") yield found;
    const [, kind, name = ""] = ELEMENT.exec(line) ?? [];
    if (kind === undefined) continue;
    if (kind === "proto" && line.startsWith("  <")) skipping = apart.has(name);
    if (skipping || name === "") continue;
    found.push({ name, show: kind === "proto" ? "" : unescaped(SHOW.exec(line)?.[1] ?? ""), hidden: line.includes(' hide="yes"') });
  }
  if ((await ended) !== 0) throw new Error(`tshark: ${said}`);
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function unescaped(text: string): string {
  if (!text.includes("&")) return text;
  return text.replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return entities[name ?? ""] ?? whole;
  });
}
