/** Packets as tshark's PDML has them (doc/README.xml-output): a stream of lines, one element each unless a text has several. */
import { spawn } from "node:child_process";

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
  for await (const line of elements(child.stdout.setEncoding("utf8"))) {
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

/** Lines, each with those that its last element goes on in: texts stand there with their own line ends. */
async function* elements(input: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  let open = "";
  for await (const chunk of input) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const whole = open === "" ? line : `${open}\n${line}`;
      open = whole.trimStart().startsWith("<") && !whole.endsWith(">") ? whole : "";
      if (open === "") yield whole;
    }
  }
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
