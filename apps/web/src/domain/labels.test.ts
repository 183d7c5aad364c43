import { expect, test } from "vitest";
import { hostMatcher, readLabels, readSelector, selectorText, toggleWord } from "./labels.ts";

test("labels as typed", () => {
  expect(readLabels(" env=prod, role=db\nteam=net ")).toEqual({ ok: true, labels: { env: "prod", role: "db", team: "net" } });
  expect(readLabels("")).toEqual({ ok: true, labels: {} });
  expect(readLabels("env=prod role")).toEqual({ ok: false, message: "role: a label is written key=value" });
  expect(readLabels("env=a env=b")).toMatchObject({ ok: false, message: expect.stringContaining("env has two values") });
  expect(readLabels(Array.from({ length: 33 }, (_, i) => `k${i}=v`).join(" "))).toMatchObject({ ok: false });
});

test("which hosts a text keeps", () => {
  const hosts = [
    {
      name: "web-1",
      labels: [
        { key: "env", value: "prod" },
        { key: "role", value: "web" },
      ],
    },
    { name: "db-1", labels: [{ key: "env", value: "prod-eu" }] },
    { name: "Spare", labels: [] },
  ];
  const kept = (text: string) => hosts.filter(hostMatcher(text)).map((host) => host.name);
  expect(kept("")).toEqual(["web-1", "db-1", "Spare"]);
  expect(kept("env=prod")).toEqual(["web-1"]);
  expect(kept("env=")).toEqual(["web-1", "db-1"]);
  expect(kept("PROD 1")).toEqual(["web-1", "db-1"]);
  expect(kept("spare")).toEqual(["Spare"]);
  expect(kept("env=prod role=db")).toEqual([]);
});

test("a word in and out", () => {
  expect(toggleWord("web  env=prod", "env=prod")).toBe("web");
  expect(toggleWord("web", "env=prod")).toBe("web env=prod");
});

test("which hosts a selector means", () => {
  const read = readSelector("env=prod env=test role=db env=prod");
  expect(read).toEqual({ ok: true, selector: { env: ["prod", "test"], role: ["db"] } });
  expect(read.ok && selectorText(read.selector)).toBe("env=prod env=test role=db");
  expect(readSelector("Env=x")).toMatchObject({ ok: false, message: expect.stringContaining("Env=x: the key must") });
  expect(readSelector("")).toEqual({ ok: true, selector: {} });
});
