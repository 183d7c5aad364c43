import { RegexError, parseRegex, type Expression } from "./parse.ts";

/** Steps of the automaton: a byte of a set, a fork, the start or the end of the bytes, and having matched. */
type Step =
  | { readonly type: "set"; readonly of: Uint8Array; readonly next: number }
  | { readonly type: "fork"; readonly to: readonly number[] }
  | { readonly type: "start" | "end"; readonly next: number }
  | { readonly type: "match" };

/** What (a{255}){255} would come to, many times over. */
const MAX_STEPS = 5000;
/** States remembered; more are made anew, so that no expression takes the memory. */
const MAX_STATES = 1000;

/** A state: the steps that may be next. `to` are states by byte, -1 not worked out yet. */
type State = { readonly steps: readonly number[]; readonly matched: boolean; readonly matchedAtEnd: boolean; readonly to: Int16Array };

/**
 * A regular expression over bytes, whose time grows with their number and never faster, whatever the expression:
 * a deterministic automaton, whose states are made as they are met.
 */
export class Regex {
  readonly #steps: Step[] = [];
  readonly #first: number;
  #states: State[] = [];
  readonly #numbers = new Map<string, number>();
  #begin = -1;

  /** Throws RegexError. */
  constructor(text: string) {
    const match = this.#add({ type: "match" });
    this.#first = this.#build(parseRegex(text), match);
  }

  /** Whether it fits anywhere in bytes[from … to). */
  test(bytes: Uint8Array, from = 0, to = bytes.length): boolean {
    if (this.#begin < 0) this.#begin = this.#stateOf([this.#first], true);
    let state = this.#states[this.#begin];
    for (let i = from; i < to && state !== undefined; i++) {
      if (state.matched) return true;
      const byte = bytes[i] ?? 0;
      const known = state.to[byte] ?? -1;
      state = known >= 0 ? this.#states[known] : this.#step(state, byte);
    }
    return state !== undefined && (state.matched || state.matchedAtEnd);
  }

  #step(state: State, byte: number): State | undefined {
    const next = state.steps.flatMap((number) => {
      const step = this.#steps[number];
      return step?.type === "set" && step.of[byte] === 1 ? [step.next] : [];
    });
    if (this.#states.length >= MAX_STATES) this.#forget();
    const number = this.#stateOf([...next, this.#first], false);
    state.to[byte] = number;
    return this.#states[number];
  }

  /** All states but those still in someone's hands, which lead to none. */
  #forget(): void {
    for (const { to } of this.#states) to.fill(-1);
    this.#states = [];
    this.#numbers.clear();
    this.#begin = -1;
  }

  #stateOf(from: readonly number[], atStart: boolean): number {
    const reached = this.#reach(from, { atStart, atEnd: false });
    const key = `${atStart}${reached.join()}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const isMatch = (numbers: readonly number[]): boolean => numbers.some((number) => this.#steps[number]?.type === "match");
    const atEnd = this.#reach(from, { atStart, atEnd: true });
    this.#states.push({ steps: reached, matched: isMatch(reached), matchedAtEnd: isMatch(atEnd), to: new Int16Array(256).fill(-1) });
    this.#numbers.set(key, this.#states.length - 1);
    return this.#states.length - 1;
  }

  /** The steps that are reached without a byte, in order of their numbers. */
  #reach(from: readonly number[], { atStart, atEnd }: { atStart: boolean; atEnd: boolean }): number[] {
    const reached = new Set<number>();
    const open = [...from];
    for (let number = open.pop(); number !== undefined; number = open.pop()) {
      if (reached.has(number)) continue;
      reached.add(number);
      const step = this.#steps[number];
      if (step?.type === "fork") open.push(...step.to);
      else if ((step?.type === "start" && atStart) || (step?.type === "end" && atEnd)) open.push(step.next);
    }
    return [...reached].filter((number) => this.#steps[number]?.type !== "fork").sort((a, b) => a - b);
  }

  #add(step: Step): number {
    if (this.#steps.length >= MAX_STEPS) throw new RegexError("the regular expression repeats too much", 0);
    return this.#steps.push(step) - 1;
  }

  /** Adds the steps of an expression, after which `next` follows; returns the first of them. */
  #build(expression: Expression, next: number): number {
    switch (expression.type) {
      case "set":
        return this.#add({ type: "set", of: expression.of, next });
      case "start":
      case "end":
        return this.#add({ type: expression.type, next });
      case "sequence":
        return expression.of.reduceRight((after, one) => this.#build(one, after), next);
      case "choice":
        return this.#add({ type: "fork", to: expression.of.map((one) => this.#build(one, next)) });
      case "repeat":
        return this.#repeat(expression, next);
    }
  }

  #repeat({ of, min, max }: Extract<Expression, { type: "repeat" }>, next: number): number {
    let first = next;
    if (max === null) {
      const to: number[] = [next];
      first = this.#add({ type: "fork", to });
      to.push(this.#build(of, first));
    } else {
      for (let i = min; i < max; i++) first = this.#add({ type: "fork", to: [next, this.#build(of, first)] });
    }
    for (let i = 0; i < min; i++) first = this.#build(of, first);
    return first;
  }
}
