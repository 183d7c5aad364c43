import { expect, test } from "vitest";
import { MAX_FILTERS, MAX_FILTER_INSTRUCTIONS, MAX_SET_INSTRUCTIONS, filtersSchema } from "./filters.ts";
import { hubMessageSchema } from "./messages.ts";

const program = (length: number) => Array.from({ length }, () => [6, 0, 0, 1]);
const filter = (ethernet: number, raw = 1) => ({
  id: "a",
  expression: "tcp",
  ethernet: program(ethernet),
  raw: program(raw),
  sampleN: 1,
  snaplen: 128,
});
const set = (filters: readonly unknown[], number = 1) => ({ type: "filters", number, filters });
const fits = (message: unknown): boolean => filtersSchema.safeParse(message).success;

test("SPEC 8.1: a set is bounded in filters, in each program and in all", () => {
  expect(fits(set([]))).toBe(true);
  expect(fits(set([filter(MAX_FILTER_INSTRUCTIONS, MAX_FILTER_INSTRUCTIONS)]))).toBe(true);
  expect(fits(set([filter(MAX_FILTER_INSTRUCTIONS + 1)]))).toBe(false);
  expect(fits(set([filter(0)]))).toBe(false);
  expect(fits(set(Array.from({ length: MAX_FILTERS }, () => filter(1))))).toBe(true);
  expect(fits(set(Array.from({ length: MAX_FILTERS + 1 }, () => filter(1))))).toBe(false);
  const most = MAX_SET_INSTRUCTIONS / (2 * MAX_FILTER_INSTRUCTIONS);
  const large = Array.from({ length: most }, () => filter(MAX_FILTER_INSTRUCTIONS, MAX_FILTER_INSTRUCTIONS));
  expect(fits(set(large))).toBe(true);
  expect(fits(set([...large, filter(1)]))).toBe(false);
});

test("an instruction out of its fields' range is no message of the protocol", () => {
  for (const instruction of [
    [65_536, 0, 0, 0],
    [6, 256, 0, 0],
    [6, 0, 0, -1],
    [6, 0, 0, 2 ** 32],
    [6, 0, 0],
    [6, 0, 0, 0.5],
  ]) {
    expect(hubMessageSchema.safeParse(set([{ ...filter(1), ethernet: [instruction] }])).success).toBe(false);
  }
  expect(fits(set([], 0))).toBe(false);
});
