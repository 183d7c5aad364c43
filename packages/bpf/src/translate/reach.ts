import { Class, type ClassicInstruction, PACKET_TYPE, classOf } from "./classic.ts";

/** No frame is so long: a load behind it always says no. */
export const MAX_OFFSET = 0xffffff;

/** The instructions that may come after one. */
export function followers({ code, jt, jf, k }: ClassicInstruction, at: number): readonly number[] {
  if (classOf(code) === Class.ret || isHopeless(code, k)) return [];
  if (classOf(code) !== Class.jmp) return [at + 1];
  return code === 0x05 ? [at + 1 + k] : [at + 1 + jt, at + 1 + jf];
}

/** A load that fails in every frame. */
export function isHopeless(code: number, k: number): boolean {
  const mode = code & 0xe0;
  if (classOf(code) === Class.ld) return (mode === 0x20 || mode === 0x40) && k > MAX_OFFSET && (mode === 0x40 || k !== PACKET_TYPE);
  return classOf(code) === Class.ldx && mode === 0xa0 && k > MAX_OFFSET;
}
