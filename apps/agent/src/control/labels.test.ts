import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openLabelFile, parseLabels, readLabels } from "./labels.ts";

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "sonde-labels-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const usage = (message: string) => expect.objectContaining({ name: "UsageError", message: expect.stringContaining(message) }) as Error;
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

it("takes key=value lines, comments and empty lines", () => {
  expect(parseLabels("# what this is\n\nenv = prod\r\n  role=db\n", "f")).toEqual({ env: "prod", role: "db" });
  expect(parseLabels("", "f")).toEqual({});
});

it("says which line is wrong, and how", () => {
  expect(() => parseLabels("env=prod\n\nrole", "/etc/sonde/labels")).toThrow(
    usage("/etc/sonde/labels, line 3: a label is written key=value"),
  );
  expect(() => parseLabels("Env=prod", "f")).toThrow(usage("f, line 1: the key must begin with a lower-case letter"));
  expect(() => parseLabels("env=my prod", "f")).toThrow(usage("f, line 1: the value must begin with a letter or digit"));
  expect(() => parseLabels("env=a\n#\nenv=b", "f")).toThrow(usage("f, line 3: env is there already"));
  expect(() => parseLabels(Array.from({ length: 33 }, (_, i) => `k${i}=v`).join("\n"), "f")).toThrow(
    usage("f, line 33: this is one label more"),
  );
});

it("a file that is not there says nothing, unless it was asked for", () => {
  const missing = join(folder, "missing");
  expect(readLabels(missing, false)).toEqual({});
  expect(() => readLabels(missing, true)).toThrow(usage("cannot read the labels: ENOENT"));
  expect(() => readLabels(folder, false)).toThrow(usage("it is not a file"));
  expect(() => readLabels(file("large", "#".repeat(70_000)), false)).toThrow(usage("is larger than the 65536 bytes"));
});

it("is read again; while it is wrong, what it said before goes on", () => {
  const path = file("labels", "env=prod");
  const troubles: string[] = [];
  const read = openLabelFile({ file: path, asked: true, onTrouble: (reason) => troubles.push(reason) });
  writeFileSync(path, "env=stage");
  expect(read()).toEqual({ env: "stage" });
  writeFileSync(path, "env");
  expect([read(), read()]).toEqual([{ env: "stage" }, { env: "stage" }]);
  expect(troubles).toEqual([`${path}, line 1: a label is written key=value`]);
  writeFileSync(path, "env=test");
  expect(read()).toEqual({ env: "test" });
  writeFileSync(path, "env");
  read();
  expect(troubles).toHaveLength(2);
});
