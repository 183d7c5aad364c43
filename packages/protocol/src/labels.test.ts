import { expect, test } from "vitest";
import { labelsSchema, parseLabel } from "./labels.ts";

test("key=value, with space around", () => {
  expect(parseLabel(" env = prod ")).toEqual({ ok: true, key: "env", value: "prod" });
  expect(parseLabel("team.role=a/b:c@d+e-1")).toEqual({ ok: true, key: "team.role", value: "a/b:c@d+e-1" });
});

test("what is wrong is said in words, and not quoted", () => {
  const reason = (text: string) => {
    const parsed = parseLabel(text);
    return parsed.ok ? "" : parsed.reason;
  };
  expect(reason("prod")).toBe("a label is written key=value");
  for (const text of ["=x", "Env=x", "9a=x", "a b=x", `${"k".repeat(64)}=x`, "__proto__=x"]) expect(reason(text)).toMatch(/^the key must/);
  for (const text of ["env=", "env=-x", "env=a b", 'env="x"', "env=a=b", `env=${"v".repeat(64)}`])
    expect(reason(text)).toMatch(/^the value must/);
});

test("at most 32", () => {
  const labels = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`k${i}`, "v"]));
  expect(labelsSchema.safeParse(labels(32)).success).toBe(true);
  expect(labelsSchema.safeParse(labels(33)).success).toBe(false);
});
