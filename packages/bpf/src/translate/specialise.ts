import { Class, type ClassicInstruction, PACKET_TYPE, classOf } from "./classic.ts";
import { type Known, UNKNOWN, and, bytesAt, constant, decide, isConstant, meet } from "./known.ts";
import { MAX_OFFSET, followers } from "./reach.ts";
import type { Shape } from "./shapes.ts";

/** What is known before an instruction: A, X and the scratch words. */
type State = { readonly a: Known; readonly x: Known; readonly memory: readonly Known[] };

const START: State = { a: constant(0), x: constant(0), memory: Array.from({ length: 16 }, () => UNKNOWN) };

/**
 * The program as it is for frames of one shape: of the same length, with loads of known bytes as constants,
 * loads at a known X as plain ones and decided jumps as jumps that are always taken.
 */
export function specialise(program: readonly ClassicInstruction[], shape: Shape): ClassicInstruction[] {
  const states: (State | undefined)[] = [];
  states[0] = START;
  return program.map((instruction, at) => {
    const state = states[at];
    if (state === undefined) return instruction; // no frame of the shape comes here
    const special = simplify(instruction, state, shape);
    const after = effect(special, state, shape);
    for (const next of followers(special, at)) states[next] = join(states[next], after);
    return special;
  });
}

function join(before: State | undefined, arriving: State): State {
  if (before === undefined) return arriving;
  const memory = before.memory.map((word, i) => meet(word, arriving.memory[i] ?? UNKNOWN));
  return { a: meet(before.a, arriving.a), x: meet(before.x, arriving.x), memory };
}

const sizeOf = (code: number): number => (code & 0x08 ? 2 : code & 0x10 ? 1 : 4);
const plain = (code: number, k: number): ClassicInstruction => ({ code, jt: 0, jf: 0, k });

function simplify(i: ClassicInstruction, state: State, shape: Shape): ClassicInstruction {
  switch (classOf(i.code)) {
    case Class.ld:
      return simplifyLoad(i, state, shape);
    case Class.ldx: {
      const nibble = and(bytesAt(shape, i.k, 1), constant(0x0f));
      return i.code === 0xb1 && isConstant(nibble) ? plain(0x01, nibble.value * 4) : i;
    }
    case Class.jmp: {
      if (i.code === 0x05) return i;
      const taken = decide(i.code & 0xf0, state.a, operand(i, state));
      return taken === null ? i : plain(0x05, taken ? i.jt : i.jf);
    }
    default:
      return i;
  }
}

function simplifyLoad(i: ClassicInstruction, state: State, shape: Shape): ClassicInstruction {
  const mode = i.code & 0xe0;
  const direct = mode === 0x40 && isConstant(state.x) && i.k <= MAX_OFFSET && state.x.value <= MAX_OFFSET;
  const load = direct ? plain((i.code & ~0xe0) | 0x20, i.k + state.x.value) : i;
  if ((load.code & 0xe0) !== 0x20 || load.k === PACKET_TYPE) return load;
  const known = bytesAt(shape, load.k, sizeOf(load.code));
  return isConstant(known) && load.k + sizeOf(load.code) <= shape.capLen ? plain(0x00, known.value) : load;
}

const operand = (i: ClassicInstruction, state: State): Known => (i.code & 0x08 ? state.x : constant(i.k));

function effect(i: ClassicInstruction, state: State, shape: Shape): State {
  switch (classOf(i.code)) {
    case Class.ld:
      return { ...state, a: loaded(i, state, shape) };
    case Class.ldx:
      if (i.code === 0xb1) return { ...state, x: { mask: 0xffffffc3, value: 0 } };
      return { ...state, x: loaded(i, state, shape) };
    case Class.st:
      return { ...state, memory: state.memory.with(i.k, state.a) };
    case Class.stx:
      return { ...state, memory: state.memory.with(i.k, state.x) };
    case Class.alu:
      return { ...state, a: (i.code & 0xf0) === 0x50 ? and(state.a, operand(i, state)) : UNKNOWN };
    case Class.misc:
      return i.code & 0x80 ? { ...state, a: state.x } : { ...state, x: state.a };
    default:
      return state;
  }
}

function loaded(i: ClassicInstruction, state: State, shape: Shape): Known {
  switch (i.code & 0xe0) {
    case 0x00:
      return constant(i.k);
    case 0x20:
      return i.k === PACKET_TYPE ? UNKNOWN : bytesAt(shape, i.k, sizeOf(i.code));
    case 0x60:
      return state.memory[i.k] ?? UNKNOWN;
    default:
      return UNKNOWN;
  }
}
