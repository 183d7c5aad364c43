import { expect, test } from "vitest";
import { chooseSeed, seeded } from "../../../../../test/support/random.ts";
import { WordMap } from "./wordMap.ts";

const seed = chooseSeed(process.env["SONDE_SEED"]);

test(`keys are numbered as they come, and anew once they were forgotten (SONDE_SEED=${seed})`, () => {
  const random = seeded(seed);
  const words = new WordMap(3);
  for (let round = 0; round < 3; round++) {
    const known = new Map<string, number>();
    for (let i = 0; i < 5_000; i++) {
      const key = Uint32Array.of(random.below(20), random.below(20), 0xffff_ff00 + random.below(10));
      const number = known.get(key.join()) ?? known.size;
      known.set(key.join(), number);
      expect(words.add(key)).toBe(number);
      expect([0, 1, 2].map((word) => words.word(number, word))).toEqual([...key]);
    }
    expect(words.size).toBe(known.size);
    words.clear();
    expect(words.size).toBe(0);
  }
});
