import { expect, test } from "vitest";
import { readLabels, readSelector, selectorText } from "./labels.ts";

test("labels as typed", () => {
  expect(readLabels(" env=prod, role=db\nteam=net ")).toEqual({ ok: true, labels: { env: "prod", role: "db", team: "net" } });
  expect(readLabels("")).toEqual({ ok: true, labels: {} });
  expect(readLabels("env=prod role")).toEqual({ ok: false, message: "role: a label is written key=value" });
  expect(readLabels("env=a env=b")).toMatchObject({ ok: false, message: expect.stringContaining("env has two values") });
  expect(readLabels(Array.from({ length: 33 }, (_, i) => `k${i}=v`).join(" "))).toMatchObject({ ok: false });
});

test("which hosts a selector means", () => {
  const read = readSelector("env=prod env=test role=db env=prod");
  expect(read).toEqual({ ok: true, selector: { env: ["prod", "test"], role: ["db"] } });
  expect(read.ok && selectorText(read.selector)).toBe("env=prod env=test role=db");
  expect(readSelector("Env=x")).toMatchObject({ ok: false, message: expect.stringContaining("Env=x: the key must") });
  expect(readSelector("")).toEqual({ ok: true, selector: {} });
});
