import { describe, expect, test } from "vitest";
import { MAX_HEIGHT, ROW, rowWindow, scrollTo } from "./rowWindow.ts";

const VIEW = 560;

describe("rowWindow", () => {
  test("draws what is in sight and a few rows around it", () => {
    expect(rowWindow(10_000, 0, VIEW)).toEqual({ height: 280_000, scale: 1, offset: 0, first: 0, end: 28, shift: 0 });
    expect(rowWindow(10_000, 100 * ROW, VIEW)).toMatchObject({ first: 92, end: 128, shift: 0 });
    expect(rowWindow(3, 0, VIEW)).toMatchObject({ first: 0, end: 3 });
    expect(rowWindow(0, 0, VIEW)).toMatchObject({ first: 0, end: 0, height: 0 });
  });

  test("a list that got shorter is not drawn past its end", () => {
    expect(rowWindow(30, 9_000, VIEW)).toMatchObject({ offset: 280, end: 30 });
  });

  test("a million rows fit: both ends are reached, and rows are drawn where the scrolled element stands", () => {
    const rows = 1_000_000;
    const top = rowWindow(rows, 0, VIEW);
    expect(top).toMatchObject({ height: MAX_HEIGHT, first: 0, shift: 0 });
    const last = rowWindow(rows, MAX_HEIGHT - VIEW, VIEW);
    expect(last.end).toBe(rows);
    expect((rows - 1) * ROW + last.shift).toBeCloseTo(MAX_HEIGHT - ROW, 3);
    const middle = rowWindow(rows, 6_000_000, VIEW);
    expect(Math.round(middle.offset / ROW) * ROW + middle.shift).toBeGreaterThan(6_000_000 - ROW);
    expect(middle.end - middle.first).toBeLessThan(40);
  });
});

describe("scrollTo", () => {
  test("goes the least way, and nowhere when the row is in sight", () => {
    const window = rowWindow(10_000, 100 * ROW, VIEW);
    expect(scrollTo(105, window, VIEW)).toBeNull();
    expect(scrollTo(99, window, VIEW)).toBe(99 * ROW);
    expect(scrollTo(120, window, VIEW)).toBe(101 * ROW);
  });

  test("finds every row of a million", () => {
    const rows = 1_000_000;
    for (const row of [1, 499_999, 428_571, 999_999]) {
      const to = scrollTo(row, rowWindow(rows, row < 500_000 ? MAX_HEIGHT : 0, VIEW), VIEW);
      const { offset } = rowWindow(rows, to ?? 0, VIEW);
      expect(row * ROW).toBeGreaterThanOrEqual(offset - 1);
      expect((row + 1) * ROW).toBeLessThanOrEqual(offset + VIEW + 1);
    }
  });
});
