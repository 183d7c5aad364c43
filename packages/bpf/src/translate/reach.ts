import { Class, type ClassicInstruction, PACKET_TYPE, classOf } from "./classic.ts";

/** No frame is so long: a load behind it always says no. */
export const MAX_OFFSET = 0xffffff;

/** Which instructions any frame can reach, and whether one of them can say yes: the kernel refuses dead code. */
export function reach(program: readonly ClassicInstruction[]): { readonly reached: readonly boolean[]; readonly matches: boolean } {
  const reached = program.map((_, at) => at === 0);
  let matches = false;
  for (const [at, instruction] of program.entries()) {
    if (!reached[at]) continue;
    if (classOf(instruction.code) === Class.ret) matches ||= instruction.code === 0x16 || instruction.k !== 0;
    for (const next of successors(instruction, at)) reached[next] = true;
  }
  return { reached, matches };
}

function successors({ code, jt, jf, k }: ClassicInstruction, at: number): readonly number[] {
  if (classOf(code) === Class.ret || isHopeless(code, k)) return [];
  if (classOf(code) !== Class.jmp) return [at + 1];
  return code === 0x05 ? [at + 1 + k] : [at + 1 + jt, at + 1 + jf];
}

function isHopeless(code: number, k: number): boolean {
  const mode = code & 0xe0;
  if (classOf(code) === Class.ld) return (mode === 0x20 || mode === 0x40) && k > MAX_OFFSET && (mode === 0x40 || k !== PACKET_TYPE);
  return classOf(code) === Class.ldx && mode === 0xa0 && k > MAX_OFFSET;
}
