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
  /** Indices of comparisons that only follow one load, whose value nobody reads after them. */
  readonly fused: ReadonlySet<number>;
};

export function flowOf(original: readonly ClassicInstruction[], shape: Shape): Flow {
  const program = specialise(original, shape);
  const live = liveness(program);
  const target = (at: number): Target => {
    for (let to = at; ;) {
      const instruction = program[to] as ClassicInstruction;
      if (instruction.code === 0x06) return instruction.k === 0 ? "no" : "yes";
      if (instruction.code === 0x05) to += 1 + instruction.k;
      else if (isIdle(instruction, liveAfter(program, live, to), shape.capLen)) to++;
      else return to;
    }
  };
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
  const fused = new Set(order.filter((at) => isFused(program, live, at, target, entries)));
  const atStart = typeof start === "number" ? (live[start] ?? { a: false, x: false }) : { a: false, x: false };
  return { program, start, order, matches, atStart, target, fused };
}

/** At a comparison with a constant: equal, or any bit set. */
function isFused(
  program: readonly ClassicInstruction[],
  live: readonly Live[],
  at: number,
  target: (at: number) => Target,
  entries: ReadonlyMap<number, number>,
): boolean {
  const compare = program[at] as ClassicInstruction;
  if ((compare.code !== 0x15 && compare.code !== 0x45) || entries.get(at) !== 1) return false;
  if (liveAfter(program, live, at).a) return false;
  const before = [...entries.keys()].filter(
    (each) => each < at && classOf(program[each]?.code ?? 0) === Class.ld && target(each + 1) === at,
  );
  const load = program[before[0] ?? -1];
  if (load === undefined || (load.code !== 0x20 && load.code !== 0x28)) return false;
  return load.k !== 0xfffff004 && (load.code === 0x20 || compare.k <= 0xffff);
}
