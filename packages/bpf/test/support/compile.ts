import { execFileSync } from "node:child_process";
import type { ClassicInstruction, Filter } from "../../src/index.ts";

/** What libpcap makes of an expression, by way of tcpdump -ddd. */
function classic(expression: string, linkType: "EN10MB" | "RAW"): ClassicInstruction[] {
  const lines = execFileSync("tcpdump", ["-ddd", "-y", linkType, expression], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  return lines
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => {
      const [code = 0, jt = 0, jf = 0, k = 0] = line.split(" ").map(Number);
      return { code, jt, jf, k };
    });
}

const NEVER: readonly ClassicInstruction[] = [{ code: 6, jt: 0, jf: 0, k: 0 }];

/** As a filter of the engine. What does not exist without a link header (a tag) never matches there. */
export function filter(expression: string, rate: { sampleN?: number; snaplen?: number } = {}): Filter {
  return {
    ethernet: classic(expression, "EN10MB"),
    raw: /vlan|ether/.test(expression) ? NEVER : classic(expression, "RAW"),
    sampleN: 1,
    snaplen: 128,
    ...rate,
  };
}
