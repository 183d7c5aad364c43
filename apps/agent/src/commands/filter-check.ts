import type { FilterFault } from "@sonde/filter";
import { type Programs, compileExpression } from "../capture/expression.ts";

export type CheckFlags = { readonly json?: boolean };
export type CheckDeps = {
  /** argv of the filter compiler; packages/filter's own build unless given. */
  readonly compiler?: readonly string[] | undefined;
  readonly out: (text: string) => void;
  readonly complain: (text: string) => void;
};

/** `sonde-agent filter check`: what an expression compiles to. Returns the exit status: 1 for a bad expression. */
export async function checkFilter(expression: string, flags: CheckFlags, { compiler, out, complain }: CheckDeps): Promise<0 | 1> {
  const compiled = await compileExpression(expression, compiler === undefined ? {} : { compiler });
  if (!compiled.ok) {
    if (flags.json === true) out(`${JSON.stringify({ expression, ok: false, error: compiled.fault })}\n`);
    else complain(`${pointAt(expression, compiled.fault)}\n`);
    return 1;
  }
  const { programs } = compiled;
  if (flags.json === true) out(`${JSON.stringify({ expression, ok: true, ...asJson(programs) })}\n`);
  else out(asText(programs));
  return 0;
}

function asJson({ ethernet, raw }: Programs) {
  return { ethernet: { instructions: ethernet.length }, raw: "message" in raw ? { error: raw } : { instructions: raw.length } };
}

function asText({ ethernet, raw }: Programs): string {
  const bare = "message" in raw ? `matches nothing: ${raw.message}` : `${raw.length} instructions`;
  return `with Ethernet header:    ${ethernet.length} instructions\nwithout a link header:  ${bare}\n`;
}

/** The expression with the place of its fault marked under it; control characters, as a line break, shown as spaces. */
export function pointAt(expression: string, { message, position, length }: FilterFault): string {
  const shown = expression.replaceAll(/\p{Cc}/gu, " ");
  return `${shown}\n${" ".repeat(position)}${"^".repeat(Math.max(1, length))}\n${message.replaceAll(/\p{Cc}/gu, " ")}`;
}
