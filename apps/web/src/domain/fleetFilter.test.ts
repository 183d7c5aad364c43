import { expect, test } from "vitest";
import { fleetLanguage, fleetMatcher, fleetWord, toggleWord, type FleetHost } from "./fleetFilter.ts";

const host = (name: string, labels: Record<string, string>, more: Partial<FleetHost> = {}): FleetHost => ({
  name,
  status: "live",
  kernel: "6.1.0-18-amd64",
  agentVersion: "0.1.0",
  labels: Object.entries(labels).map(([key, value]) => ({ key, value })),
  ...more,
});
const hosts = [
  host("web-1", { env: "prod", role: "web" }),
  host("db-1", { env: "prod-eu" }, { status: "lost" }),
  host("Spare", {}, { kernel: null, agentVersion: "0.0.9" }),
];
const kept = (text: string) => hosts.filter(fleetMatcher(text)).map(({ name }) => name);

test("which hosts a text keeps", () => {
  expect(kept("")).toEqual(["web-1", "db-1", "Spare"]);
  expect(kept("env=prod")).toEqual(["web-1"]);
  expect(kept("env=")).toEqual(["web-1", "db-1"]);
  expect(kept("PROD 1")).toEqual(["web-1", "db-1"]);
  expect(kept("spare")).toEqual(["Spare"]);
  expect(kept("env=prod role=db")).toEqual([]);
});

test("names, states and versions are whole values, and ! shuts out", () => {
  expect(kept("name:web-1")).toEqual(["web-1"]);
  expect(kept("name:web")).toEqual([]);
  expect(kept("status:lost")).toEqual(["db-1"]);
  expect(kept("kernel:6.1.0-18-amd64 !status:lost")).toEqual(["web-1"]);
  expect(kept("!agent:0.1.0")).toEqual(["Spare"]);
  expect(kept("!env=prod !spare")).toEqual(["db-1"]);
  expect(kept("!")).toEqual([]);
});

test("every value of the list has a word that keeps its host, but for one with space in it", () => {
  for (const word of [fleetWord("name", "web-1"), fleetWord("status", "live"), fleetWord("kernel", "6.1.0-18-amd64")])
    expect(kept(word ?? "none")).toContain("web-1");
  expect([fleetWord("name", "a b"), fleetWord("kernel", "")]).toEqual([null, null]);
});

test("a word comes in once, in place of its opposite", () => {
  const { including, excluding } = fleetLanguage;
  expect(including("web  env=prod", "env=prod")).toBe("web env=prod");
  expect(including("web !env=prod", "env=prod")).toBe("web env=prod");
  expect(excluding("env=prod web", "env=prod")).toBe("web !env=prod");
  expect(toggleWord("web  env=prod", "env=prod")).toBe("web");
  expect(toggleWord("web !env=prod", "env=prod")).toBe("web env=prod");
});
