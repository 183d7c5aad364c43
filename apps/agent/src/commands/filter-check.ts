import { BpfError, type Filter, type FilterReport } from "@sonde/bpf";
import type { FilterFault } from "@sonde/filter";
import { type Programs, compileExpression, rawProgram } from "../capture/expression.ts";
import { FilterRefused, type Translated } from "../capture/filter-cost.ts";

export type CheckFlags = { readonly json?: boolean };
export type CheckDeps = {
  /** argv of the filter compiler; packages/filter's own build unless given. */
  readonly compiler?: readonly string[] | undefined;
  /** Has the kernel try a filter; throws FilterRefused, and BpfError where nothing could be tried. */
  readonly translate: (filter: Filter) => Translated;
  readonly out: (text: string) => void;
  readonly complain: (text: string) => void;
};

/**
 * `sonde-agent filter check`: what an expression compiles to, and where the kernel lets us try it, what it costs.
 * Returns the exit status: 1 for a bad expression, and for one that the kernel refuses.
 */
export async function checkFilter(
  expression: string,
  flags: CheckFlags,
  { compiler, translate, out, complain }: CheckDeps,
): Promise<0 | 1> {
  const compiled = await compileExpression(expression, compiler === undefined ? {} : { compiler });
  const refuse = (error: object, text: string): 1 => {
    if (flags.json === true) out(`${JSON.stringify({ expression, ok: false, error })}\n`);
    else complain(`${text}\n`);
    return 1;
  };
  if (!compiled.ok) return refuse(compiled.fault, pointAt(expression, compiled.fault));
  const { programs } = compiled;
  const kernel = tryInKernel(programs, translate);
  if (kernel.refused) return refuse({ message: kernel.reason, verifierLog: kernel.log }, `${kernel.reason}\n${kernel.log}`);
  if (flags.json === true) out(`${JSON.stringify({ expression, ok: true, ...asJson(programs), ...kernel.found })}\n`);
  else out(asText(programs, kernel.found));
  return 0;
}

/** eBPF instructions per context; ns of a packet through the engine with the filter, and with one that takes nothing. */
type Cost = {
  readonly kernel: { readonly contexts: FilterReport["contexts"]; readonly nsPerPacket: number; readonly nsPerPacketWithout: number };
};
type InKernel = { refused: false; found: Cost | { readonly untried: string } } | { refused: true; reason: string; log: string };

function tryInKernel(programs: Programs, translate: CheckDeps["translate"]): InKernel {
  try {
    const { report, ns, nsWithout } = translate({ ethernet: programs.ethernet, raw: rawProgram(programs), sampleN: 1, snaplen: 0 });
    return { refused: false, found: { kernel: { contexts: report.contexts, nsPerPacket: ns, nsPerPacketWithout: nsWithout } } };
  } catch (error) {
    if (error instanceof FilterRefused) return { refused: true, reason: error.message, log: error.verifierLog };
    if (!(error instanceof BpfError)) throw error;
    return { refused: false, found: { untried: error.message } };
  }
}

function asJson({ ethernet, raw }: Programs) {
  return { ethernet: { instructions: ethernet.length }, raw: "message" in raw ? { error: raw } : { instructions: raw.length } };
}

function asText({ ethernet, raw }: Programs, found: Cost | { readonly untried: string }): string {
  const bare = "message" in raw ? `matches nothing: ${raw.message}` : `${raw.length} instructions`;
  const compiled = `with Ethernet header:    ${ethernet.length} instructions\nwithout a link header:  ${bare}\n`;
  if ("untried" in found) return `${compiled}not tried in the kernel: ${found.untried}\n`;
  const { contexts, nsPerPacket, nsPerPacketWithout } = found.kernel;
  const each = contexts.map(({ context, instructions }) => `in the kernel, ${context}: ${instructions} instructions\n`).join("");
  return `${compiled}${each}a packet at TC: ${nsPerPacket} ns, ${nsPerPacketWithout} ns with a filter that takes nothing\n`;
}

/** The expression with the place of its fault marked under it; control characters, as a line break, shown as spaces. */
export function pointAt(expression: string, { message, position, length }: FilterFault): string {
  const shown = expression.replaceAll(/\p{Cc}/gu, " ");
  return `${shown}\n${" ".repeat(position)}${"^".repeat(Math.max(1, length))}\n${message.replaceAll(/\p{Cc}/gu, " ")}`;
}
