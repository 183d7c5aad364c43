import { mulberry32 } from "../../scripts/lib/random.mjs";

/** Small numbers by chance from a printed seed: the same seed gives the same test anywhere. */
export type Random = {
  /** From 0 to below `end`. */
  readonly below: (end: number) => number;
  readonly between: (first: number, last: number) => number;
  /** True once in `n`. */
  readonly once: (n: number) => boolean;
  readonly pick: <T>(list: readonly T[]) => T;
  readonly bytes: (length: number) => Buffer;
};

export function seeded(seed: number): Random {
  const next = mulberry32(seed);
  const below = (end: number): number => Math.floor((next() / 2 ** 32) * end);
  return {
    below,
    between: (first, last) => first + below(last - first + 1),
    once: (n) => below(n) === 0,
    pick: (list) => {
      const chosen = list[below(list.length)];
      if (chosen === undefined) throw new Error("nothing to pick from");
      return chosen;
    },
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
  };
}

/** The seed that was given, one by chance for "random"; without any always the same, so that a test that passed passes again. */
export const chooseSeed = (given: string | undefined): number =>
  given === "random" ? Math.floor(Math.random() * 2 ** 32) : Number(given ?? 1) >>> 0;
