import { expect, test } from "vitest";
import { Rates } from "./rates.ts";

const rates = [
  { sampleN: 1, snaplen: 64 },
  { sampleN: 100, snaplen: 1500 },
];

test("the limit holds for each filter that asked for more, and only for those", () => {
  const made = new Rates({ sampleN: 1, snaplen: 128 }, 4096);
  made.setFilters(3, rates);
  expect(made.setLimit({ sampleN: 10, captureN: 1, snaplen: 100 })).toBe(true);
  expect(made.setLimit({ sampleN: 10, captureN: 1, snaplen: 100 })).toBe(false);
  expect(made.inForce).toEqual([
    { sampleN: 10, snaplen: 64 },
    { sampleN: 100, snaplen: 100 },
  ]);
  expect(made.batch).toEqual({ sampleN: 10, snaplen: 100 });
  expect(made.asked).toEqual({ set: 3, rates });
});

test("without filters the built-in rate holds, also of a set with a number", () => {
  const made = new Rates({ sampleN: 1, snaplen: 128 }, 4096);
  made.setFilters(3, rates);
  made.setBuiltIn({ sampleN: 7, snaplen: 32 });
  expect(made.batch).toEqual({ sampleN: 1, snaplen: 1500 });
  made.setFilters(4, []);
  expect(made.asked).toEqual({ set: 0, rates: [{ sampleN: 7, snaplen: 32 }] });
  expect(made.batch).toEqual({ sampleN: 7, snaplen: 32 });
});

test("a capture has an N of its own, what has ended takes nothing, and the host's limit holds for all", () => {
  const made = new Rates({ sampleN: 1, snaplen: 512 }, 200);
  expect(made.batch).toEqual({ sampleN: 1, snaplen: 200 });
  made.setFilters(3, [
    { sampleN: 1, snaplen: 100 },
    { sampleN: 1, snaplen: 4096, kind: "capture" },
    { sampleN: 1, snaplen: 4096, kind: "ended" },
  ]);
  made.setLimit({ sampleN: 50, captureN: 2, snaplen: 4096 });
  const nothing = { sampleN: 0xffff_ffff, snaplen: 0 };
  expect(made.inForce).toEqual([{ sampleN: 50, snaplen: 100 }, { sampleN: 2, snaplen: 200 }, nothing]);
  expect([made.setMaxSnaplen(64), made.setMaxSnaplen(64)]).toEqual([true, false]);
  expect(made.inForce).toEqual([{ sampleN: 50, snaplen: 64 }, { sampleN: 2, snaplen: 64 }, nothing]);
  made.setLimit();
  expect(made.batch).toEqual({ sampleN: 1, snaplen: 64 });
  made.setFilters(4, []);
  expect(made.inForce).toEqual([{ sampleN: 1, snaplen: 64 }]);
});
