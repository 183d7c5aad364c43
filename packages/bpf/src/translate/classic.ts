/**
 * Classic BPF as the translation needs it: opcodes as in linux/bpf_common.h. Programs come verified from
 * whoever took them in; here is only what must hold for the translation to mean anything, the kernel's
 * verifier has the last word on the result.
 */

/** One instruction: opcode, jump offsets for true and false, and the 32-bit operand. */
export type ClassicInstruction = { readonly code: number; readonly jt: number; readonly jf: number; readonly k: number };

/** Most instructions a program may have (BPF_MAXINSNS). */
export const MAX_CLASSIC = 4096;

/** The one ancillary load known: PACKET_OUTGOING (4, linux/if_packet.h) or another. */
export const PACKET_TYPE = 0xfffff004;

export const classOf = (code: number): number => code & 0x07;
export const Class = { ld: 0, ldx: 1, st: 2, stx: 3, alu: 4, jmp: 5, ret: 6, misc: 7 } as const;

/** Opcodes that exist: loads, stores, arithmetic, jumps, returns, transfers. */
const known = new Set<number>([
  ...[0x00, 0x20, 0x28, 0x30, 0x40, 0x48, 0x50, 0x60, 0x80],
  ...[0x01, 0x61, 0x81, 0xb1],
  ...[0x02, 0x03],
  ...[0x04, 0x14, 0x24, 0x34, 0x44, 0x54, 0x64, 0x74, 0x84, 0x94, 0xa4],
  ...[0x0c, 0x1c, 0x2c, 0x3c, 0x4c, 0x5c, 0x6c, 0x7c, 0x9c, 0xac],
  ...[0x05, 0x15, 0x25, 0x35, 0x45, 0x1d, 0x2d, 0x3d, 0x4d],
  ...[0x06, 0x16],
  ...[0x07, 0x87],
]);

const whole = (value: number, max: number): boolean => Number.isInteger(value) && value >= 0 && value <= max;

/** Why a program cannot be translated, or null. */
export function classicFault(program: readonly ClassicInstruction[]): string | null {
  if (program.length === 0 || program.length > MAX_CLASSIC) return `has ${program.length} instructions; 1 to ${MAX_CLASSIC} are possible`;
  for (const [at, instruction] of program.entries()) {
    const fault = instructionFault(instruction, program.length - at - 1);
    if (fault !== null) return `instruction ${at} ${fault}`;
  }
  return null;
}

/** `left` is the number of instructions after this one. */
function instructionFault({ code, jt, jf, k }: ClassicInstruction, left: number): string | null {
  if (!known.has(code) || !whole(jt, 0xff) || !whole(jf, 0xff) || !whole(k, 0xffffffff)) return "is unknown";
  const memory = code === 0x02 || code === 0x03 || code === 0x60 || code === 0x61;
  if (memory && k > 15) return "names no scratch word";
  if ((code === 0x34 || code === 0x94) && k === 0) return "divides by zero";
  if ((code === 0x64 || code === 0x74) && k > 31) return "shifts by 32 or more";
  if (code === 0x05) return k < left ? null : "jumps out of the program";
  if (classOf(code) === Class.jmp) return jt < left && jf < left ? null : "jumps out of the program";
  return left === 0 && classOf(code) !== Class.ret ? "is the last and no return" : null;
}
