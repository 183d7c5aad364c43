import { describe, expect, test } from "vitest";
import { UNKNOWN, exact, percent, plusMinus, samplingError, si, signedNs, span } from "./units.ts";

const plain = (text: string): string => text.replaceAll("\u2009", " ");

describe("numbers as docs/design.md writes them", () => {
  test.each([
    [0, "0"],
    [7, "7"],
    [999, "999"],
    [999.6, "1.00 k"],
    [1234, "1.23 k"],
    [45_600_000, "45.6 M"],
    [999_499, "999 k"],
    [999_999, "1.00 M"],
    [0.25, "0.25"],
    [0.001, "0.00"],
    [-1500, "−1.50 k"],
    [1.8e19, "18.0 E"],
  ])("si(%d) is %s", (value, text) => expect(plain(si(value))).toBe(text));

  test("unknown is a dash, and zero is not", () => {
    expect([null, Number.NaN, Number.POSITIVE_INFINITY].map(si)).toEqual([UNKNOWN, UNKNOWN, UNKNOWN]);
    expect(signedNs(null)).toBe(UNKNOWN);
    expect(signedNs("nonsense")).toBe(UNKNOWN);
    expect(percent(0n, 0n)).toBe(UNKNOWN);
    expect(plain(percent(0n, 5n))).toBe("0 %");
  });

  test("a u64 keeps every digit", () => expect(plain(exact("18446744073709551615"))).toBe("18 446 744 073 709 551 615"));

  test("shares", () => {
    expect(plain(percent(1n, 3n))).toBe("33.3 %");
    expect(plain(percent(3n, 3n))).toBe("100 %");
    expect(plain(percent(1n, 10_000_000n))).toBe("<0.001 %");
  });

  test("a sampled count carries its error, a full one does not", () => {
    expect(samplingError(1000, 1)).toBe(0);
    expect(samplingError(1000, 10)).toBeCloseTo(1.96 * Math.sqrt(90_000), 6);
    expect(plain(plusMinus(10_000, samplingError(1000, 10)))).toBe("10.0 k ± 588");
    expect(plain(plusMinus(10_000, 0))).toBe("10.0 k");
  });

  test("lengths of time and offsets", () => {
    expect([0, 59_999, 60_000, 7_200_000, 200_000_000].map(span).map(plain)).toEqual(["0 s", "59 s", "1 min", "2 h", "2 d"]);
    expect(["0", "-1204000", "999", "2500000000"].map(signedNs).map(plain)).toEqual(["+0 ns", "−1.20 ms", "+999 ns", "+2.50 s"]);
  });
});
