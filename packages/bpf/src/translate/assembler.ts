/**
 * A small eBPF assembler: instructions of 8 bytes (u8 opcode | u8 src << 4 | dst | s16 offset | s32 imm,
 * little-endian; kernel Documentation/bpf/standardization/instruction-set.rst) with labels for jumps.
 */

export const Op = {
  ldx64: 0x79,
  ldx32: 0x61,
  ldx16: 0x69,
  ldx8: 0x71,
  stx64: 0x7b,
  stx32: 0x63,
  stx8: 0x73,
  st32Imm: 0x62,
  mov64Reg: 0xbf,
  mov32Imm: 0xb4,
  mov32Reg: 0xbc,
  add64Imm: 0x07,
  add64Reg: 0x0f,
  toBigEndian: 0xdc,
  ja: 0x05,
  call: 0x85,
  exit: 0x95,
  ldImm64: 0x18,
  jgt64Reg: 0x2d,
  jgt64Imm: 0x25,
  jeq64Imm: 0x15,
  jne64Imm: 0x55,
} as const;

/** Conditional jumps on 32-bit values (class JMP32); or-ed with 0x08 for a register operand. */
export const Jump32 = { eq: 0x16, gt: 0x26, ge: 0x36, set: 0x46, ne: 0x56, lt: 0xa6, le: 0xb6 } as const;
/** 32-bit arithmetic (class ALU); or-ed with 0x08 for a register operand. */
export const Alu32 = {
  add: 0x04,
  sub: 0x14,
  mul: 0x24,
  div: 0x34,
  or: 0x44,
  and: 0x54,
  lsh: 0x64,
  rsh: 0x74,
  neg: 0x84,
  mod: 0x94,
  xor: 0xa4,
} as const;
export const REGISTER = 0x08;

export type Label = { at: number };
export type Fields = { dst?: number; src?: number; off?: number; imm?: number };

/** Thrown when a jump does not fit the 16-bit offset: the program is too long. */
export class JumpTooFar extends Error {}

type Instruction = { readonly op: number; readonly fields: Fields; readonly target: Label | undefined };

export class Assembler {
  readonly #code: Instruction[] = [];

  get length(): number {
    return this.#code.length;
  }

  label(): Label {
    return { at: -1 };
  }

  place(label: Label): void {
    label.at = this.#code.length;
  }

  emit(op: number, fields: Fields = {}): void {
    this.#code.push({ op, fields, target: undefined });
  }

  jump(op: number, target: Label, fields: Fields = {}): void {
    this.#code.push({ op, fields, target });
  }

  /** dst = the map whose place the addon fills in: its index in native/filters.cc. */
  loadMap(dst: number, map: number): void {
    this.emit(Op.ldImm64, { dst, src: 1, imm: map });
    this.emit(0);
  }

  /** The program's bytes. Throws JumpTooFar. */
  finish(): Uint8Array {
    const view = new DataView(new ArrayBuffer(this.#code.length * 8));
    for (const [at, { op, fields, target }] of this.#code.entries()) {
      const off = target ? target.at - at - 1 : (fields.off ?? 0);
      if (off < -32_768 || off > 32_767) throw new JumpTooFar(`jump over ${off} instructions`);
      view.setUint8(at * 8, op);
      view.setUint8(at * 8 + 1, ((fields.src ?? 0) << 4) | (fields.dst ?? 0));
      view.setInt16(at * 8 + 2, off, true);
      view.setInt32(at * 8 + 4, (fields.imm ?? 0) | 0, true);
    }
    return new Uint8Array(view.buffer);
  }
}
