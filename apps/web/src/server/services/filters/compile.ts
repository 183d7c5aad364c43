import { CodedError } from "@sonde/protocol";
import type { Ctx } from "../../context.ts";
import type { FilterPrograms } from "./compiler.ts";

/** Both programs of an expression. Throws FILTER_EXPRESSION with the place, BUSY. */
export async function compileOrThrow(ctx: Pick<Ctx, "compileFilter">, expression: string): Promise<FilterPrograms> {
  const compiled = await ctx.compileFilter(expression);
  if (compiled.ok) return compiled.programs;
  const { message, position, length } = compiled.fault;
  throw new CodedError("FILTER_EXPRESSION", message, { place: { position, length } });
}
