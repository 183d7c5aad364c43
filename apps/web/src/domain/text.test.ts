import { expect, test } from "vitest";
import { visible } from "./text.ts";

test("control characters and direction marks become visible", () => {
  expect(visible("web\u001b[31m-1\u202e\n")).toBe("web\\u001b[31m-1\\u202e\\u000a");
  expect(visible("zürich-1 東京")).toBe("zürich-1 東京");
});
