import { type ClassicInstruction, type CompileOptions, type FilterFault, LinkType, compileFilter, verifyClassic } from "@sonde/filter";

/** One expression's classic programs; `raw` is its fault where it means nothing without a link header, such as `vlan`. */
export type Programs = { readonly ethernet: readonly ClassicInstruction[]; readonly raw: readonly ClassicInstruction[] | FilterFault };
export type CompiledExpression = { ok: true; programs: Programs } | { ok: false; fault: FilterFault };

/** No packet matches: `ret #0`. */
const NOTHING: readonly ClassicInstruction[] = [{ code: 0x06, jt: 0, jf: 0, k: 0 }];

/**
 * Compiles an expression for both link types and verifies what came. An expression stands when it does
 * for Ethernet. Rejects only when the compiler cannot be run.
 */
export async function compileExpression(expression: string, options: CompileOptions): Promise<CompiledExpression> {
  const [ethernet, raw] = await Promise.all([
    compileChecked(expression, LinkType.ethernet, options),
    compileChecked(expression, LinkType.raw, options),
  ]);
  if (!ethernet.ok) return ethernet;
  return { ok: true, programs: { ethernet: ethernet.program, raw: raw.ok ? raw.program : raw.fault } };
}

/** What to run over a device without link headers: the program, or one that matches nothing where there is none. */
export const rawProgram = ({ raw }: Programs): readonly ClassicInstruction[] => ("message" in raw ? NOTHING : raw);

async function compileChecked(expression: string, linkType: LinkType, options: CompileOptions) {
  const compiled = await compileFilter(expression, linkType, options);
  if (!compiled.ok) return compiled;
  const fault = verifyClassic(compiled.program);
  if (fault === null) return compiled;
  const message = `cannot be run: ${fault.reason}, in instruction ${fault.at}`;
  return { ok: false as const, fault: { message, position: 0, length: expression.length } };
}
