import { Class, type ClassicInstruction, classOf } from "./classic.ts";
import { type Live, isIdle, liveAfter, liveness } from "./liveness.ts";
import { followers } from "./reach.ts";
import { specialise } from "./specialise.ts";
import type { Shape } from "./shapes.ts";

/** Where control goes: an instruction's index, or the end of the filter. */
export type Target = number | "yes" | "no";

/** A filter as it is to be written for frames of one shape: only what such a frame can reach and needs. */
export type Flow = {
  readonly program: readonly ClassicInstruction[];
  readonly start: Target;
  /** Instructions to write, in order. Never a jump that is always taken, nor a return of a constant. */
  readonly order: readonly number[];
  /** Whether anything ends in "yes". */
  readonly matches: boolean;
  /** What is read before it is written, and so must be 0. */
  readonly atStart: Live;
  readonly target: (at: number) => Target;
  /** Comparisons that only follow one load, whose value nobody reads after them: index → bytes loaded. */
  readonly fused: ReadonlyMap<number, 2 | 4>;
};

export function flowOf(original: readonly ClassicInstruction[], shape: Shape): Flow {
  const program = specialise(original, shape);
  const live = liveness(program);
  const targets = targetsOf(program, live, shape);
  const target = (at: number): Target => targets[at] ?? "no";
  const start = target(0);
  const entries = new Map<number, number>();
  let matches = start === "yes";
  const enter = (to: Target): void => {
    if (typeof to === "number") entries.set(to, (entries.get(to) ?? 0) + 1);
    else matches ||= to === "yes";
  };
  enter(start);
  for (let at = 0; at < program.length; at++) {
    if (!entries.has(at)) continue;
    const instruction = program[at] as ClassicInstruction;
    if (instruction.code === 0x16) matches = true;
    for (const to of followers(instruction, at)) enter(target(to));
  }
  const order = [...entries.keys()].toSorted((a, b) => a - b);
  const loads = new Map<Target, ClassicInstruction>();
  for (const at of order) {
    const instruction = program[at] as ClassicInstruction;
    if (classOf(instruction.code) === Class.ld && followers(instruction, at).length > 0) loads.set(target(at + 1), instruction);
  }
  const fused = new Map<number, 2 | 4>();
  for (const at of order) {
    const load = loads.get(at);
    if (load !== undefined && entries.get(at) === 1 && canFuse(program, live, at, load)) fused.set(at, load.code === 0x28 ? 2 : 4);
  }
  const atStart = typeof start === "number" ? (live[start] ?? { a: false, x: false }) : { a: false, x: false };
  return { program, start, order, matches, atStart, target, fused };
}

/** Where control really goes that goes to each instruction: past jumps and loads that do nothing. Jumps only go forward. */
function targetsOf(program: readonly ClassicInstruction[], live: readonly Live[], shape: Shape): Target[] {
  const targets: Target[] = [];
  for (let at = program.length - 1; at >= 0; at--) {
    const instruction = program[at] as ClassicInstruction;
    if (instruction.code === 0x06) targets[at] = instruction.k === 0 ? "no" : "yes";
    else if (instruction.code === 0x05) targets[at] = targets[at + 1 + instruction.k] ?? "no";
    else targets[at] = isIdle(instruction, liveAfter(program, live, at), shape.capLen) ? (targets[at + 1] ?? "no") : at;
  }
  return targets;
}

/** At a comparison with a constant, equal or any bit set, which only follows `load`. */
function canFuse(program: readonly ClassicInstruction[], live: readonly Live[], at: number, load: ClassicInstruction): boolean {
  const compare = program[at] as ClassicInstruction;
  if ((compare.code !== 0x15 && compare.code !== 0x45) || liveAfter(program, live, at).a) return false;
  if (load.code !== 0x20 && load.code !== 0x28) return false;
  return load.k !== 0xfffff004 && (load.code === 0x20 || compare.k <= 0xffff);
}
