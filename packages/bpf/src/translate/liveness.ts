import { Class, type ClassicInstruction, PACKET_TYPE, classOf } from "./classic.ts";
import { followers } from "./reach.ts";

/** Whether A and X are still to be read, before each instruction. */
export type Live = { readonly a: boolean; readonly x: boolean };

const DEAD: Live = { a: false, x: false };

/** By a pass from the end: jumps only go forward. */
export function liveness(program: readonly ClassicInstruction[]): Live[] {
  const live = program.map(() => DEAD);
  for (let at = program.length - 1; at >= 0; at--) {
    const instruction = program[at] as ClassicInstruction;
    const after = liveAfter(program, live, at);
    live[at] = before(instruction, after);
  }
  return live;
}

/** What any instruction that may follow still reads. */
export function liveAfter(program: readonly ClassicInstruction[], live: readonly Live[], at: number): Live {
  const next = followers(program[at] as ClassicInstruction, at).map((to) => live[to] ?? DEAD);
  return { a: next.some((each) => each.a), x: next.some((each) => each.x) };
}

function before({ code }: ClassicInstruction, after: Live): Live {
  const indexed = (code & 0xe0) === 0x40;
  switch (classOf(code)) {
    case Class.ld:
      return { a: false, x: after.x || indexed };
    case Class.ldx:
      return { a: after.a, x: false };
    case Class.st:
      return { ...after, a: true };
    case Class.stx:
      return { ...after, x: true };
    case Class.alu:
      return { a: true, x: after.x || ((code & 0x08) !== 0 && (code & 0xf0) !== 0x80) };
    case Class.jmp:
      return code === 0x05 ? after : { a: true, x: after.x || (code & 0x08) !== 0 };
    case Class.ret:
      return { a: code === 0x16, x: false };
    default:
      return code & 0x80 ? { a: false, x: true } : { a: true, x: false };
  }
}

/** A load whose value nobody reads, and which cannot fail in a frame of at least `capLen` bytes. */
export function isIdle(instruction: ClassicInstruction, after: Live, capLen: number): boolean {
  const { code, k } = instruction;
  const kind = classOf(code);
  if (kind === Class.misc) return code & 0x80 ? !after.a : !after.x;
  if (kind !== Class.ld && kind !== Class.ldx) return false;
  if (kind === Class.ld ? after.a : after.x) return false;
  const mode = code & 0xe0;
  if (mode === 0x40) return false;
  if (mode !== 0x20 && mode !== 0xa0) return true;
  return k === PACKET_TYPE || k + (mode === 0xa0 ? 1 : code & 0x08 ? 2 : code & 0x10 ? 1 : 4) <= capLen;
}
