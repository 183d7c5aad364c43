import { LinkType, compileFilter, type ClassicInstruction, type FilterFault } from "@sonde/filter";
import { CodedError, type FilterProgram } from "@sonde/protocol";

/** `raw` is null where the expression cannot match without an Ethernet header, such as `vlan 100`. */
export type FilterPrograms = { readonly ethernet: FilterProgram; readonly raw: FilterProgram | null };
export type CompiledFilter = { ok: true; programs: FilterPrograms } | { ok: false; fault: FilterFault };
export type CompileFilter = (expression: string) => Promise<CompiledFilter>;

/** Expressions that are compiled at the same time, and that wait for it: each may take a processor for a second. */
const MAX_RUNNING = 2;
const MAX_WAITING = 16;

/** Compiles expressions for both link types in processes of their own; `compiler` is the argv of one. Throws BUSY. */
export function createFilterCompiler(compiler: readonly string[]): CompileFilter {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (expression) => {
    if (running >= MAX_RUNNING) {
      if (waiting.length >= MAX_WAITING) throw new CodedError("BUSY", "Too many expressions are being compiled");
      await new Promise<void>((resolve) => void waiting.push(resolve));
    } else running++;
    try {
      const [ethernet, raw] = await Promise.all([
        compileFilter(expression, LinkType.ethernet, { compiler }),
        compileFilter(expression, LinkType.raw, { compiler }),
      ]);
      if (!ethernet.ok) return ethernet;
      return { ok: true, programs: { ethernet: encode(ethernet.program), raw: raw.ok ? encode(raw.program) : null } };
    } finally {
      const next = waiting.shift();
      if (next) next(); // takes over this one's place
      else running--;
    }
  };
}

function encode(program: readonly ClassicInstruction[]): FilterProgram {
  return program.map(({ code, jt, jf, k }) => [code, jt, jf, k]);
}
