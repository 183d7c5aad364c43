/**
 * Classic BPF, the bytecode pcap-filter expressions compile to: opcodes as in linux/bpf_common.h and
 * linux/filter.h, limits as the kernel's bpf_check_classic() (net/core/filter.c) sets them.
 */

/** One instruction: opcode, jump offsets for true and false, and the 32-bit operand. */
export type ClassicInstruction = {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
};

/** Most instructions a program may have (BPF_MAXINSNS). */
export const MAX_INSTRUCTIONS = 4096;
/** Words of scratch memory M[] (BPF_MEMWORDS). */
export const SCRATCH_WORDS = 16;

export const Class = { ld: 0, ldx: 1, st: 2, stx: 3, alu: 4, jmp: 5, ret: 6, misc: 7 } as const;
export const Size = { w: 0x00, h: 0x08, b: 0x10 } as const;
export const Mode = { imm: 0x00, abs: 0x20, ind: 0x40, mem: 0x60, len: 0x80, msh: 0xa0 } as const;
export const Alu = {
  add: 0x00,
  sub: 0x10,
  mul: 0x20,
  div: 0x30,
  or: 0x40,
  and: 0x50,
  lsh: 0x60,
  rsh: 0x70,
  neg: 0x80,
  mod: 0x90,
  xor: 0xa0,
} as const;
export const Jump = { ja: 0x00, eq: 0x10, gt: 0x20, ge: 0x30, set: 0x40 } as const;
/** Second operand: the constant k, or X. In a return: A (0x10). */
export const Source = { k: 0x00, x: 0x08, a: 0x10 } as const;
export const Misc = { tax: 0x00, txa: 0x80 } as const;

export const classOf = (code: number): number => code & 0x07;
export const sizeOf = (code: number): number => code & 0x18;
export const modeOf = (code: number): number => code & 0xe0;
export const operationOf = (code: number): number => code & 0xf0;
export const sourceOf = (code: number): number => code & 0x08;

/**
 * Ancillary loads lie at SKF_AD_OFF + … (linux/filter.h), where no packet has bytes. Of those that
 * libpcap emits, Sonde knows the packet type: PACKET_OUTGOING (4, linux/if_packet.h) or another.
 */
export const Ancillary = { packetType: 0xfffff004 } as const;
