import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { errorCodes } from "./errors.ts";

test("SPEC section 5 lists exactly the error codes", () => {
  const spec = readFileSync(new URL("../SPEC.md", import.meta.url), "utf8");
  const rows = [...spec.matchAll(/^\| `([A-Z_]+)` \| (\d+) \| (.+) \|$/gm)].map(([, code, status, title]) => [
    code,
    { status: Number(status), title },
  ]);
  expect(Object.fromEntries(rows)).toEqual(errorCodes);
});
