import { Assembler, Jump32, JumpTooFar, Op } from "./assembler.ts";
import type { ClassicInstruction } from "./classic.ts";
import { type FarLoad, FilterTranslator, Reg, Stack } from "./filter.ts";
import { ANY_FRAME, type Shape, shapes } from "./shapes.ts";
import { CHAIN_EMIT, IFACE_UNMATCHED_AT, NO_SLOT, ProgramMap, scratchAt } from "./layout.ts";

/** Where a match program runs; the order is that of enum Context in native/filters.h. */
export const contexts = ["tc-ethernet", "tc-raw", "xdp-ethernet", "xdp-raw", "socket-ethernet", "socket-raw"] as const;
export type MatchContext = (typeof contexts)[number];

/** linux/bpf.h enum bpf_func_id */
const Helper = { tailCall: 12, skbLoadBytes: 26, probeReadKernel: 113, xdpLoadBytes: 189 } as const;
/** XDP_PASS; TCX_NEXT and TC_ACT_UNSPEC alike; a packet socket that keeps nothing. */
const verdicts = { xdp: 2, tc: -1, socket: 0 } as const;

/** (ctx, offset, to, length) → 0 or -errno */
const byHelper =
  (helper: number): FarLoad =>
  (out, size) => {
    shifted(out);
    out.emit(Op.ldx64, { dst: 1, src: Reg.fp, off: Stack.context });
    out.emit(Op.mov32Imm, { dst: 4, imm: size });
    out.emit(Op.call, { imm: helper });
  };

/** Before 5.18 XDP buffers are linear and have no such helper: (to, length, from) → 0 or -errno. */
const byProbe: FarLoad = (out, size) => {
  shifted(out);
  out.emit(Op.mov64Reg, { dst: 1, src: 3 });
  out.emit(Op.ldx64, { dst: 3, src: Reg.fp, off: Stack.context });
  out.emit(Op.ldx32, { dst: 3, src: 3, off: 0 }); // xdp_md.data
  out.emit(Op.add64Reg, { dst: 3, src: 2 });
  out.emit(Op.mov32Imm, { dst: 2, imm: size });
  out.emit(Op.call, { imm: Helper.probeReadKernel });
};

/** r2: from an offset in the frame to one in the kernel's buffer. Bounded, as the verifier wants pointers to be. */
function shifted(out: Assembler): void {
  out.emit(Op.ldx32, { dst: 1, src: Reg.scratch, off: scratchAt.shift });
  out.emit(0x0c, { dst: 2, src: 1 });
  out.emit(0x54, { dst: 2, imm: 0xffffff });
}

export type MatchOptions = {
  readonly context: MatchContext;
  /** Slot of the filter set in the control area: 0 or 1. */
  readonly set: number;
  /** Whether bpf_xdp_load_bytes exists. */
  readonly xdpHelpers: boolean;
};

/** One match program for all filters, eBPF instructions of 8 bytes. Throws JumpTooFar. */
export function matchProgram(filters: readonly (readonly ClassicInstruction[])[], options: MatchOptions): Uint8Array {
  const special = options.context.endsWith("ethernet");
  try {
    return write(filters, options, special ? shapes : new Map());
  } catch (error) {
    if (!special || !(error instanceof JumpTooFar)) throw error;
    return write(filters, options, new Map()); // slower, and five times shorter
  }
}

/** The filters once for each shape of frame, and once for all others. */
function write(
  filters: readonly (readonly ClassicInstruction[])[],
  options: MatchOptions,
  special: ReadonlyMap<number, Shape>,
): Uint8Array {
  const kind = options.context.startsWith("xdp") ? "xdp" : options.context.startsWith("tc") ? "tc" : "socket";
  const out = new Assembler();
  const end = out.label();
  prologue(out, options.set, verdicts[kind]);
  const far = kind !== "xdp" ? byHelper(Helper.skbLoadBytes) : options.xdpHelpers ? byHelper(Helper.xdpLoadBytes) : byProbe;
  const matched = out.label();
  const starts = [...special].map(([number, shape]) => ({ number, shape, label: out.label() }));
  if (special.size > 0) out.emit(Op.ldx32, { dst: 1, src: Reg.scratch, off: scratchAt.shape });
  for (const { number, label } of starts) out.jump(Jump32.eq, label, { dst: 1, imm: number });
  const translate = (shape: Shape): void => {
    const translator = new FilterTranslator(out, far, shape);
    filters.forEach((filter, index) => translator.translate(filter, index));
  };
  translate(ANY_FRAME);
  for (const { shape, label } of starts) {
    out.jump(Op.ja, matched);
    out.place(label);
    translate(shape);
  }
  out.place(matched);
  countUnmatched(out, end);
  out.emit(Op.ldx64, { dst: 1, src: Reg.fp, off: Stack.context });
  out.loadMap(2, ProgramMap.chain);
  out.emit(Op.mov32Imm, { dst: 3, imm: CHAIN_EMIT });
  out.emit(Op.call, { imm: Helper.tailCall });
  out.place(end);
  exit(out, verdicts[kind]);
  return out.finish();
}

function exit(out: Assembler, verdict: number): void {
  out.emit(Op.mov32Imm, { dst: 0, imm: verdict });
  out.emit(Op.exit);
}

/** Keeps the context, finds the scratch, notes the set. Its way out is its own: the end may be too far for a jump. */
function prologue(out: Assembler, set: number, verdict: number): void {
  const found = out.label();
  out.emit(Op.stx64, { dst: Reg.fp, src: 1, off: Stack.context });
  out.emit(Op.mov32Imm, { dst: 1, imm: 0 });
  out.emit(Op.stx32, { dst: Reg.fp, src: 1, off: Stack.far });
  out.emit(Op.mov64Reg, { dst: 2, src: Reg.fp });
  out.emit(Op.add64Imm, { dst: 2, imm: Stack.far });
  out.loadMap(1, ProgramMap.scratches);
  out.emit(Op.call, { imm: 1 });
  out.jump(Op.jne64Imm, found, { dst: 0, imm: 0 });
  exit(out, verdict);
  out.place(found);
  out.emit(Op.mov64Reg, { dst: Reg.scratch, src: 0 });
  out.emit(Op.ldx32, { dst: Reg.capLen, src: Reg.scratch, off: scratchAt.capLen });
  out.emit(Op.mov32Imm, { dst: 1, imm: set });
  out.emit(Op.stx32, { dst: Reg.scratch, src: 1, off: scratchAt.set });
}

/** What no filter took ends here when its counter is at hand; all else goes on to emit. */
function countUnmatched(out: Assembler, end: ReturnType<Assembler["label"]>): void {
  const emit = out.label();
  out.emit(Op.ldx64, { dst: 1, src: Reg.scratch, off: scratchAt.matched });
  out.jump(Op.jne64Imm, emit, { dst: 1, imm: 0 });
  out.emit(Op.ldx32, { dst: 1, src: Reg.scratch, off: scratchAt.ifaceSlot });
  out.jump(Jump32.eq, emit, { dst: 1, imm: NO_SLOT });
  out.emit(Op.stx32, { dst: Reg.fp, src: 1, off: Stack.far });
  out.emit(Op.mov64Reg, { dst: 2, src: Reg.fp });
  out.emit(Op.add64Imm, { dst: 2, imm: Stack.far });
  out.loadMap(1, ProgramMap.ifaceSlots);
  out.emit(Op.call, { imm: 1 });
  out.jump(Op.jeq64Imm, end, { dst: 0, imm: 0 });
  out.emit(Op.ldx64, { dst: 1, src: 0, off: IFACE_UNMATCHED_AT });
  out.emit(Op.add64Imm, { dst: 1, imm: 1 });
  out.emit(Op.stx64, { dst: 0, src: 1, off: IFACE_UNMATCHED_AT });
  out.jump(Op.ja, end);
  out.place(emit);
}
