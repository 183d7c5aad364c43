import { expect, test } from "vitest";
import { asciiOf, visible } from "./text.ts";

test("control characters and direction marks become visible", () => {
  expect(visible("web\u001b[31m-1\u202e\n")).toBe("web\\u001b[31m-1\\u202e\\u000a");
  expect(visible("zürich-1 東京")).toBe("zürich-1 東京");
});

test("bytes that are not printable ASCII become dots", () => {
  expect([0x00, 0x1b, 0x20, 0x41, 0x7e, 0x7f, 0xff].map(asciiOf).join("")).toBe(".. A~..");
});
