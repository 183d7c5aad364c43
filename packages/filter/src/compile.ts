import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ClassicInstruction } from "./classic.ts";

/** Link types a filter is compiled for (pcap-linktype(7)): with an Ethernet header, and starting at IP. */
export const LinkType = { ethernet: 1, raw: 12 } as const;
export type LinkType = (typeof LinkType)[keyof typeof LinkType];

export const MAX_EXPRESSION_BYTES = 8192;

/** Where and why an expression is refused; position and length in UTF-16 units of the expression. */
export type FilterFault = { readonly message: string; readonly position: number; readonly length: number };
export type Compiled = { ok: true; program: readonly ClassicInstruction[] } | { ok: false; fault: FilterFault };

export type CompileOptions = {
  /** argv that starts the compiler; the package's own build unless given. */
  readonly compiler?: readonly string[];
  /** After so many ms the compiler is killed and the expression refused. Default 1,000. */
  readonly timeoutMs?: number;
};

const ownBuild = [fileURLToPath(new URL("../build/pcap-compile", import.meta.url))];
/** No variables; the cast because a program's types may require some, as Next's do. */
const none = {} as NodeJS.ProcessEnv;
/** What a shell, and the dynamic loader, exit with when a program or a library of it is not there. */
const NOT_RUNNABLE = 127;

/**
 * Compiles one pcap-filter(7) expression with libpcap, in a process of its own that is killed when it
 * takes too long. Names of hosts are refused. Rejects only when the compiler itself cannot be run.
 */
export function compileFilter(expression: string, linkType: LinkType, options: CompileOptions = {}): Promise<Compiled> {
  const tooLong = new TextEncoder().encode(expression).length > MAX_EXPRESSION_BYTES;
  if (tooLong) return Promise.resolve(refused(`longer than ${MAX_EXPRESSION_BYTES} bytes`, 0, expression.length));
  const { compiler = ownBuild, timeoutMs = 1_000 } = options;
  const [program = "", ...args] = compiler;
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args, String(linkType)], { stdio: ["pipe", "pipe", "pipe"], env: none });
    const cannotRun = (reason: string): Error => new Error(`cannot run the filter compiler ${compiler.join(" ")}: ${reason}`);
    const output: Buffer[] = [];
    const complaints: Buffer[] = [];
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill("SIGKILL");
    }, timeoutMs);
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => complaints.push(chunk));
    child.stdin.on("error", () => {}); // a compiler that died early is judged by its exit
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(cannotRun(error.message));
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (timedOut || signal === "SIGXCPU" || signal === "SIGKILL" || signal === "SIGALRM") {
        resolve(refused(`takes more than ${timeoutMs / 1_000} s to compile`, 0, expression.length));
      } else if (code === 0 || code === 1) {
        resolve(parseAnswer(Buffer.concat(output).toString("utf8"), expression));
      } else if (code === NOT_RUNNABLE) {
        reject(cannotRun(Buffer.concat(complaints).toString("utf8").trim()));
      } else {
        resolve(refused("the compiler failed on this expression", 0, expression.length));
      }
    });
    child.stdin.end(expression);
  });
}

type Answer =
  | { ok: true; instructions: [number, number, number, number][] }
  | { ok: false; message: string; position: number; length: number };

function parseAnswer(text: string, expression: string): Compiled {
  const answer = JSON.parse(text) as Answer; // our own program's output
  if (answer.ok) return { ok: true, program: answer.instructions.map(([code, jt, jf, k]) => ({ code, jt, jf, k })) };
  const bytes = Buffer.from(expression, "utf8");
  const start = bytes.subarray(0, answer.position).toString("utf8").length;
  const end = bytes.subarray(0, answer.position + answer.length).toString("utf8").length;
  return refused(words(answer.message, start, expression), start, Math.min(end, expression.length) - start);
}

/** libpcap's own words, but for a syntax error, of which it says no more than that. */
function words(message: string, position: number, expression: string): string {
  if (!/syntax error|parse error/.test(message)) return message;
  const rest = expression.slice(position).trim();
  return rest === "" ? "the expression ends too early" : `not understood from "${rest.slice(0, 40)}" on`;
}

function refused(message: string, position: number, length: number): Compiled {
  return { ok: false, fault: { message, position, length } };
}
