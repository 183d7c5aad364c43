import { expect, test } from "vitest";
import { bytesText, daysOf, daysText, gigabytesOf, hoursOf } from "./storage.ts";

test("sizes and lasting", () => {
  expect([0, 512, 1500, 12_300_000_000, null].map(bytesText)).toEqual(["0\u2009B", "512\u2009B", "1.50\u2009kB", "12.3\u2009GB", "–"]);
  expect([null, 0.5, 12.9, 9000].map(daysText)).toEqual(["–", "less than a day", "12\u2009d", "more than 10 years"]);
});

test("days as typed are whole hours", () => {
  expect(["1", "7", "0.5", "0.042", "365"].map(hoursOf)).toEqual([24, 168, 12, 1, 8760]);
  expect(["", "0", "-1", "1e3", "3651", "x"].map(hoursOf)).toEqual([null, null, null, null, null, null]);
  expect([24, 1, 168].map(daysOf).map(hoursOf)).toEqual([24, 1, 168]);
});

test("gigabytes as typed", () => {
  expect(["50", "0.5", "", " "].map(gigabytesOf)).toEqual([50, 0.5, null, null]);
  expect(["0", "-1", "x", "2000000"].map(gigabytesOf)).toEqual([undefined, undefined, undefined, undefined]);
});
