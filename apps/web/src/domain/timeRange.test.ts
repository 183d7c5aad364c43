import { expect, test } from "vitest";
import { fromLocalText, localText, rangeOf } from "./timeRange.ts";

const now = Date.parse("2026-11-21T12:00:00Z");

test("back from now, between two times, or an hour", () => {
  expect(rangeOf("5m", now)).toEqual({ from: "2026-11-21T11:55:00.000Z", to: "2026-11-21T12:00:00.000Z" });
  expect(rangeOf("2026-11-20T00:00:00Z/2026-11-20T01:00:00Z", now)).toEqual({
    from: "2026-11-20T00:00:00.000Z",
    to: "2026-11-20T01:00:00.000Z",
  });
  for (const text of ["", "x", "2026-11-20T01:00:00Z/2026-11-20T00:00:00Z", "/"])
    expect(rangeOf(text, now).from).toBe("2026-11-21T11:00:00.000Z");
});

test("local times there and back", () => {
  expect(fromLocalText(localText("2026-11-21T11:55:01.000Z"))).toBe("2026-11-21T11:55:01.000Z");
  expect(fromLocalText("")).toBeNull();
});
