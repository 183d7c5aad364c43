import { describe, expect, test } from "vitest";
import { hostWord, onlyLabels, readHostChoice } from "./hostChoice.ts";

const host = (name: string, labels: Record<string, string>) => ({
  id: `id of ${name}`,
  name,
  labels: Object.entries(labels).map(([key, value]) => ({ key, value })),
});
const hosts = [host("web-1", { env: "prod", role: "web" }), host("web-2", { env: "test", role: "web" }), host("db-1", { env: "prod" })];
const read = (text: string) => {
  const choice = readHostChoice(text, hosts);
  return choice.ok ? [choice.choice, choice.hosts.map((one) => one.name)] : choice.message;
};

describe("hosts as they are typed", () => {
  test("nothing is all of them", () => expect(read(" ")).toEqual(["all", ["web-1", "web-2", "db-1"]]));

  test("labels: of every key one of the values", () => {
    expect(read("env=prod")).toEqual([{ labels: { env: ["prod"] } }, ["web-1", "db-1"]]);
    expect(read("env=prod env=test role=web")).toEqual([{ labels: { env: ["prod", "test"], role: ["web"] } }, ["web-1", "web-2"]]);
    expect(read("env=none")).toEqual([{ labels: { env: ["none"] } }, []]);
  });

  test("names, and names beside labels, are these hosts", () => {
    expect(read("web-2")).toEqual([["id of web-2"], ["web-2"]]);
    expect(read("web-2 env=prod")).toEqual([hosts.map((one) => one.id), ["web-1", "web-2", "db-1"]]);
  });

  test("one word is one host, also where its name is not known or is no word", () => {
    expect(read("6f1c1e54")).toContain("no host of this name");
    for (const name of ["web-2", null, "all", "a b", "a=b"]) {
      const one = host(name ?? "", {});
      const choice = readHostChoice(hostWord({ id: "id-2", name }), [...hosts, { ...one, id: "id-2" }]);
      expect(choice.ok && choice.hosts.map(({ id }) => id)).toContain("id-2");
    }
    expect([onlyLabels("env=prod role=db"), onlyLabels(""), onlyLabels("env=prod web-1")]).toEqual([true, true, false]);
  });

  test("what is neither is said", () => {
    expect(read("web-9")).toContain("no host of this name");
    expect(read("Env=prod")).toContain("lower-case");
  });
});
