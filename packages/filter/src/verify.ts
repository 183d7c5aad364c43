import {
  Alu,
  Ancillary,
  Class,
  type ClassicInstruction,
  Jump,
  MAX_INSTRUCTIONS,
  Misc,
  Mode,
  SCRATCH_WORDS,
  Size,
  Source,
  classOf,
  modeOf,
  operationOf,
  sourceOf,
} from "./classic.ts";

/** Why a classic program is refused; `at` is the index of the instruction. */
export type ClassicFault = { readonly at: number; readonly reason: string };

/** Loads at or past this offset would be ancillary data, or wrap: no packet is so long. */
const MAX_OFFSET = 0xffff;

const word = (value: number, max: number): boolean => Number.isInteger(value) && value >= 0 && value <= max;

/**
 * Checks a classic program that came from outside: known opcodes only, jumps forward and inside, no
 * division or shift that has no meaning, scratch words in range, a return at the end. As
 * bpf_check_classic() (net/core/filter.c), and stricter: of the ancillary loads only the packet type,
 * which `inbound` and `outbound` ask for, is known. Not as check_load_and_stores() there: libpcap itself
 * makes programs that read a scratch word before every path has written it (`geneve or …`); whoever runs
 * a program starts with zeros. Returns null for a sound program.
 */
export function verifyClassic(program: readonly ClassicInstruction[]): ClassicFault | null {
  if (program.length === 0) return { at: 0, reason: "empty program" };
  if (program.length > MAX_INSTRUCTIONS) return { at: MAX_INSTRUCTIONS, reason: `more than ${MAX_INSTRUCTIONS} instructions` };
  for (const [at, instruction] of program.entries()) {
    const reason = faultOf(instruction, program.length - at - 1);
    if (reason) return { at, reason };
  }
  const last = program.length - 1;
  if (classOf(program[last]?.code ?? 0) !== Class.ret) return { at: last, reason: "does not end in a return" };
  return null;
}

/** `left` is the number of instructions after this one. */
function faultOf(instruction: ClassicInstruction, left: number): string | null {
  const { code, jt, jf, k } = instruction;
  if (!word(code, 0xffff) || !word(jt, 0xff) || !word(jf, 0xff) || !word(k, 0xffffffff)) return "field out of range";
  switch (classOf(code)) {
    case Class.ld:
      return loadFault(code, k);
    case Class.ldx:
      return indexLoadFault(code, k);
    case Class.st:
    case Class.stx:
      if (code !== Class.st && code !== Class.stx) return "unknown opcode";
      return k < SCRATCH_WORDS ? null : "scratch word out of range";
    case Class.alu:
      return aluFault(code, k);
    case Class.jmp:
      return jumpFault(instruction, left);
    case Class.ret:
      return code === (Class.ret | Source.k) || code === (Class.ret | Source.a) ? null : "unknown opcode";
    default:
      return code === (Class.misc | Misc.tax) || code === (Class.misc | Misc.txa) ? null : "unknown opcode";
  }
}

function loadFault(code: number, k: number): string | null {
  const size = code & 0x18;
  const mode = modeOf(code);
  const known = (code & ~0xf8) === Class.ld && (size === Size.w || size === Size.h || size === Size.b);
  if (!known) return "unknown opcode";
  switch (mode) {
    case Mode.abs:
      return k <= MAX_OFFSET || k === Ancillary.packetType ? null : "load beyond any packet";
    case Mode.ind:
      return k <= MAX_OFFSET || k >= 0x100000000 - MAX_OFFSET ? null : "load beyond any packet";
    case Mode.imm:
    case Mode.len:
      return size === Size.w ? null : "unknown opcode";
    case Mode.mem:
      if (size !== Size.w) return "unknown opcode";
      return k < SCRATCH_WORDS ? null : "scratch word out of range";
    default:
      return "unknown opcode";
  }
}

function indexLoadFault(code: number, k: number): string | null {
  switch (code) {
    case Class.ldx | Size.w | Mode.imm:
    case Class.ldx | Size.w | Mode.len:
      return null;
    case Class.ldx | Size.w | Mode.mem:
      return k < SCRATCH_WORDS ? null : "scratch word out of range";
    case Class.ldx | Size.b | Mode.msh:
      return k <= MAX_OFFSET ? null : "load beyond any packet";
    default:
      return "unknown opcode";
  }
}

function aluFault(code: number, k: number): string | null {
  const operation = operationOf(code);
  const constant = sourceOf(code) === Source.k;
  if (code > 0xff || operation > Alu.xor || (operation === Alu.neg && !constant)) return "unknown opcode";
  if (constant && k === 0 && (operation === Alu.div || operation === Alu.mod)) return "division by zero";
  if (constant && k >= 32 && (operation === Alu.lsh || operation === Alu.rsh)) return "shift by 32 or more";
  return null;
}

function jumpFault({ code, jt, jf, k }: ClassicInstruction, left: number): string | null {
  const operation = operationOf(code);
  if (code > 0xff || operation > Jump.set) return "unknown opcode";
  if (operation === Jump.ja) {
    if (sourceOf(code) !== Source.k) return "unknown opcode";
    return k < left ? null : "jump out of the program";
  }
  return jt < left && jf < left ? null : "jump out of the program";
}
