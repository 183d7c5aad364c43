import { Alu32, type Assembler, Jump32, type Label, Op, REGISTER } from "./assembler.ts";
import { Class, type ClassicInstruction, PACKET_TYPE, classOf } from "./classic.ts";
import { type Flow, flowOf, type Target } from "./flow.ts";
import { scratchAt, WINDOW_BYTES } from "./layout.ts";
import { MAX_OFFSET, isHopeless } from "./reach.ts";
import type { Shape } from "./shapes.ts";

/** Emits the copy of `size` frame bytes at offset r2 to r3: 0 in r0 when they are there. May use r0–r5. */
export type FarLoad = (out: Assembler, size: number) => void;

/*
 * Registers: r6 bytes of the frame that are here, r7 scratch, r8 A, r9 X; r0–r5 are free between
 * instructions. Stack: M[0..15] at fp-64, 8 bytes for far loads at fp-72, the context at fp-80.
 */
export const Reg = { capLen: 6, scratch: 7, a: 8, x: 9, fp: 10 } as const;
export const Stack = { memory: -64, far: -72, context: -80 } as const;

type Load = { readonly size: 1 | 2 | 4; readonly k: number; readonly dst: number; readonly swapped: boolean };
type Step = { readonly flow: Flow; readonly at: number; readonly next: Target; readonly labelOf: (to: Target) => Label };
type Ends = { readonly no: Label; readonly yes: Label };

const arithmetic = [
  Alu32.add,
  Alu32.sub,
  Alu32.mul,
  Alu32.div,
  Alu32.or,
  Alu32.and,
  Alu32.lsh,
  Alu32.rsh,
  Alu32.neg,
  Alu32.mod,
  Alu32.xor,
] as const;

/** Opposite conditions; "any bit set" has none. */
const inverse: Readonly<Record<number, number>> = {
  [Jump32.eq]: Jump32.ne,
  [Jump32.gt]: Jump32.le,
  [Jump32.ge]: Jump32.lt,
};

/**
 * Appends one filter: sets bit `index` in scratch when it takes the frame. Means what libpcap's
 * bpf_filter() means: a load past the frame's end or a division by zero says no, a shift by 32 or more
 * gives 0. A and X start as 0 as in classic BPF, which also lets the verifier forget the filter before.
 */
export class FilterTranslator {
  readonly #out: Assembler;
  readonly #far: FarLoad;
  readonly #shape: Shape;

  /** `shape`: what is known of every frame the filters are asked about. */
  constructor(out: Assembler, far: FarLoad, shape: Shape) {
    this.#out = out;
    this.#far = far;
    this.#shape = shape;
  }

  translate(program: readonly ClassicInstruction[], index: number): void {
    const out = this.#out;
    const flow = flowOf(program, this.#shape);
    if (flow.start === "no") return;
    const ends: Ends = { no: out.label(), yes: out.label() };
    const labels = new Map(flow.order.map((at) => [at, out.label()]));
    const labelOf = (to: Target): Label => (typeof to === "string" ? ends[to] : (labels.get(to) as Label));
    if (flow.atStart.a) out.emit(Op.mov32Imm, { dst: Reg.a, imm: 0 });
    if (flow.atStart.x) out.emit(Op.mov32Imm, { dst: Reg.x, imm: 0 });
    this.#clearMemory(flow);
    const last: Target = flow.matches ? "yes" : "no";
    for (const [position, at] of flow.order.entries()) {
      out.place(labels.get(at) as Label);
      const step = { flow, at, next: flow.order[position + 1] ?? last, labelOf };
      this.#step(step, ends);
    }
    out.place(ends.yes);
    if (flow.matches) this.#mark(index);
    out.place(ends.no);
  }

  /** Words that are read start as 0: libpcap reads some that no path has written, and the stack is not the hub's to see. */
  #clearMemory({ order, program }: Flow): void {
    const loads = order.map((at) => program[at] as ClassicInstruction).filter(({ code }) => code === 0x60 || code === 0x61);
    for (const k of new Set(loads.map((load) => load.k))) this.#out.emit(Op.st32Imm, { dst: Reg.fp, off: Stack.memory + k * 4 });
  }

  /** One instruction, and the way on unless it just follows. */
  #step(step: Step, ends: Ends): void {
    const { flow, at, next, labelOf } = step;
    const instruction = flow.program[at] as ClassicInstruction;
    if (classOf(instruction.code) === Class.jmp) return this.#branch(instruction, step);
    if (instruction.code === 0x16) {
      this.#out.jump(Jump32.eq, ends.no, { dst: Reg.a, imm: 0 });
      return next === "yes" ? undefined : this.#out.jump(Op.ja, ends.yes);
    }
    this.#instruction(instruction, ends.no, flow.fused.has(Number(flow.target(at + 1))));
    if (isHopeless(instruction.code, instruction.k)) return;
    const to = flow.target(at + 1);
    if (to !== next) this.#out.jump(Op.ja, labelOf(to));
  }

  #mark(index: number): void {
    const out = this.#out;
    const word = scratchAt.matched + (index < 32 ? 0 : 4);
    out.emit(Op.ldx32, { dst: 1, src: Reg.scratch, off: word });
    out.emit(Alu32.or, { dst: 1, imm: 1 << (index & 31) });
    out.emit(Op.stx32, { dst: Reg.scratch, src: 1, off: word });
  }

  /** `swapped`: what follows compares in network order. */
  #instruction(i: ClassicInstruction, no: Label, swapped: boolean): void {
    const out = this.#out;
    switch (classOf(i.code)) {
      case Class.ld:
        return this.#load(i, { dst: Reg.a, swapped }, no);
      case Class.ldx:
        return this.#load(i, { dst: Reg.x, swapped: false }, no);
      case Class.st:
        return out.emit(Op.stx32, { dst: Reg.fp, src: Reg.a, off: Stack.memory + i.k * 4 });
      case Class.stx:
        return out.emit(Op.stx32, { dst: Reg.fp, src: Reg.x, off: Stack.memory + i.k * 4 });
      case Class.alu:
        return this.#arithmetic(i, no);
      default:
        return i.code & 0x80 ? out.emit(Op.mov32Reg, { dst: Reg.a, src: Reg.x }) : out.emit(Op.mov32Reg, { dst: Reg.x, src: Reg.a });
    }
  }

  #load(i: ClassicInstruction, to: Pick<Load, "dst" | "swapped">, no: Label): void {
    const out = this.#out;
    const { dst } = to;
    const size = i.code & 0x08 ? 2 : i.code & 0x10 ? 1 : 4;
    switch (i.code & 0xe0) {
      case 0x00:
        return out.emit(Op.mov32Imm, { dst, imm: i.k });
      case 0x60:
        return out.emit(Op.ldx32, { dst, src: Reg.fp, off: Stack.memory + i.k * 4 });
      case 0x80:
        return out.emit(Op.ldx32, { dst, src: Reg.scratch, off: scratchAt.wireLen });
      case 0xa0:
        this.#absolute({ size: 1, k: i.k, ...to }, no);
        out.emit(Alu32.and, { dst, imm: 15 });
        return out.emit(Alu32.lsh, { dst, imm: 2 });
      case 0x20:
        if (i.k === PACKET_TYPE) return out.emit(Op.ldx32, { dst, src: Reg.scratch, off: scratchAt.packetType });
        return this.#absolute({ size, k: i.k, ...to }, no);
      default:
        return this.#indexed({ size, k: i.k, ...to }, no);
    }
  }

  /** Every load comes before what may clobber it: `dst` is written last. */
  #absolute(load: Load, no: Label): void {
    const out = this.#out;
    if (load.k > MAX_OFFSET) return out.jump(Op.ja, no); // past any frame
    if (load.k + load.size > this.#shape.capLen) out.jump(Jump32.lt, no, { dst: Reg.capLen, imm: load.k + load.size });
    if (load.k + load.size <= WINDOW_BYTES) {
      this.#read(load, Reg.scratch, scratchAt.window + load.k);
      return;
    }
    out.emit(Op.mov32Imm, { dst: 2, imm: load.k });
    this.#farAway(load, no);
  }

  /** The sum is taken in 64 bits: libpcap refuses an offset that wraps. */
  #indexed(load: Load, no: Label): void {
    const out = this.#out;
    const { size, k } = load;
    if (k > MAX_OFFSET) return out.jump(Op.ja, no);
    const far = out.label();
    const done = out.label();
    out.emit(Op.mov32Reg, { dst: 2, src: Reg.x });
    out.emit(Op.mov64Reg, { dst: 3, src: 2 });
    out.emit(Op.add64Imm, { dst: 3, imm: k + size });
    out.jump(Op.jgt64Reg, no, { dst: 3, src: Reg.capLen });
    if (k + size > WINDOW_BYTES) out.jump(Op.ja, far);
    else {
      out.jump(Op.jgt64Imm, far, { dst: 2, imm: WINDOW_BYTES - size - k });
      // The verifier of 6.12 goes on here also where the test above is always true, and has then lost what r2 may be.
      out.emit(Alu32.and, { dst: 2, imm: WINDOW_BYTES - 1 });
      out.emit(Op.add64Reg, { dst: 2, src: Reg.scratch });
      this.#read(load, 2, scratchAt.window + k);
      out.jump(Op.ja, done);
    }
    out.place(far);
    if (k !== 0) out.emit(Op.add64Imm, { dst: 2, imm: k });
    this.#farAway(load, no);
    out.place(done);
  }

  /** Loads at offset r2 of the frame by the helper. */
  #farAway(load: Load, no: Label): void {
    const out = this.#out;
    out.emit(Op.mov64Reg, { dst: 3, src: Reg.fp });
    out.emit(Op.add64Imm, { dst: 3, imm: Stack.far });
    this.#far(out, load.size);
    out.jump(Jump32.ne, no, { dst: 0, imm: 0 });
    this.#read(load, Reg.fp, Stack.far);
  }

  /** Network order in memory, a number in the register unless it stays swapped. */
  #read({ size, dst, swapped }: Load, src: number, off: number): void {
    this.#out.emit(size === 4 ? Op.ldx32 : size === 2 ? Op.ldx16 : Op.ldx8, { dst, src, off });
    if (size > 1 && !swapped) this.#out.emit(Op.toBigEndian, { dst, imm: size * 8 });
  }

  #arithmetic(i: ClassicInstruction, no: Label): void {
    const out = this.#out;
    const operation = i.code & 0xf0;
    const byX = (i.code & 0x08) !== 0;
    const op = arithmetic[operation >> 4] ?? Alu32.neg;
    if (operation === 0x80) return out.emit(Alu32.neg, { dst: Reg.a });
    if (!byX) return out.emit(op, { dst: Reg.a, imm: i.k });
    if (operation === 0x30 || operation === 0x90) out.jump(Jump32.eq, no, { dst: Reg.x, imm: 0 });
    if (operation !== 0x60 && operation !== 0x70) return out.emit(op | REGISTER, { dst: Reg.a, src: Reg.x });
    this.#shift(op);
  }

  /** eBPF would mask the count. */
  #shift(op: number): void {
    const out = this.#out;
    const zero = out.label();
    const done = out.label();
    out.jump(Jump32.gt, zero, { dst: Reg.x, imm: 31 });
    out.emit(op | REGISTER, { dst: Reg.a, src: Reg.x });
    out.jump(Op.ja, done);
    out.place(zero);
    out.emit(Op.mov32Imm, { dst: Reg.a, imm: 0 });
    out.place(done);
  }

  #branch(i: ClassicInstruction, { flow, at, next, labelOf }: Step): void {
    const out = this.#out;
    const yes = flow.target(at + 1 + i.jt);
    const no = flow.target(at + 1 + i.jf);
    const op = { 0x10: Jump32.eq, 0x20: Jump32.gt, 0x30: Jump32.ge }[i.code & 0xf0] ?? Jump32.set;
    const byX = (i.code & 0x08) !== 0;
    const form = byX ? REGISTER : 0;
    const size = flow.fused.get(at);
    const k = size === undefined ? i.k : swap(i.k, size);
    const operand = byX ? { dst: Reg.a, src: Reg.x } : { dst: Reg.a, imm: k };
    const other = inverse[op];
    if (yes === next && other !== undefined) return out.jump(other | form, labelOf(no), operand);
    out.jump(op | form, labelOf(yes), operand);
    if (no !== next) out.jump(Op.ja, labelOf(no));
  }
}

function swap(value: number, size: 2 | 4): number {
  const view = new DataView(new ArrayBuffer(4));
  if (size === 2) {
    view.setUint16(0, value, false);
    return view.getUint16(0, true);
  }
  view.setUint32(0, value, false);
  return view.getUint32(0, true);
}
