import type { CheckFilterResponse } from "@sonde/protocol/rest";
import type { Ctx } from "../../context.ts";
import { requirePerson, type Call, type VerbCtx } from "../call.ts";

/** Compiles an expression and changes nothing. Throws BUSY. */
export async function checkFilter({
  ctx,
  actor,
  input,
}: Call<{ expression: string }, VerbCtx & Pick<Ctx, "compileFilter">>): Promise<CheckFilterResponse> {
  requirePerson(actor);
  const compiled = await ctx.compileFilter(input.expression);
  if (!compiled.ok) return { ok: false, ...compiled.fault };
  const { ethernet, raw } = compiled.programs;
  return { ok: true, instructions: { ethernet: ethernet.length, raw: raw?.length ?? null } };
}
