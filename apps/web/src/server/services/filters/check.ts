import type { CheckFilterResponse } from "@sonde/protocol/rest";
import type { Ctx } from "../../context.ts";
import { requireReader, type Call, type VerbCtx } from "../call.ts";

/** Compiles an expression and changes nothing. Throws BUSY. */
export async function checkFilter({
  ctx,
  actor,
  input,
}: Call<{ expression: string }, VerbCtx & Pick<Ctx, "compileFilter">>): Promise<CheckFilterResponse> {
  requireReader(actor);
  const compiled = await ctx.compileFilter(input.expression);
  if (!compiled.ok) return { ok: false, ...compiled.fault };
  const { ethernet, raw } = compiled.programs;
  return { ok: true, instructions: { ethernet: ethernet.length, raw: raw?.length ?? null } };
}
