import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ClassicInstruction } from "../../packages/filter/src/index.ts";

const program = fileURLToPath(new URL("../../packages/filter/build/pcap-offline", import.meta.url));

/** What libpcap says of one expression: its bytecode and the 1-based numbers of the packets it takes, or why it refuses it. */
export type Answer = { ok: true; program: readonly ClassicInstruction[]; numbers: readonly number[] } | { ok: false; reason: string };
export type Reference = {
  readonly lengths: readonly { readonly captured: number; readonly wire: number }[];
  readonly answers: readonly Answer[];
};

/** Asks libpcap itself about every expression over one capture file. */
export function askLibpcap(path: string, expressions: readonly string[]): Reference {
  const input = expressions.map((text) => `${text}\n`).join("");
  const { status, stdout, stderr } = spawnSync(program, [path], { input, encoding: "utf8", maxBuffer: 1 << 30 });
  if (status !== 0) throw new Error(`pcap-offline ${path}: ${stderr}`);
  const lines = stdout.split("\n");
  const packets = Number(lines[0]?.split(" ")[1]);
  const lengths = lines.slice(1, 1 + packets).map((line) => {
    const [captured = 0, wire = 0] = line.split("/").map(Number);
    return { captured, wire };
  });
  const answers = lines.slice(1 + packets, 1 + packets + expressions.length).map((line): Answer => {
    if (line.startsWith("! ")) return { ok: false, reason: line.slice(2) };
    const [program = "", numbers = ""] = line.split(";");
    return { ok: true, program: program.split(" ").map(instruction), numbers: numbers === "" ? [] : numbers.split(" ").map(Number) };
  });
  return { lengths, answers };
}

function instruction(text: string): ClassicInstruction {
  const [code = 0, jt = 0, jf = 0, k = 0] = text.split(",").map(Number);
  return { code, jt, jf, k };
}
