import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseErrors } from "@sonde/protocol";
import { expect, it } from "vitest";
import type { Field } from "./fieldTypes.ts";
import { fieldNames, fieldOf, type FieldName } from "./fields.ts";

function takes(field: Field): string {
  switch (field.type) {
    case "presence":
      return "";
    case "number":
      return field.unit === "duration" ? "time" : "number";
    case "name":
      return field.names.size > 6 ? "name" : [...field.names.keys()].join(", ");
    case "flag":
      return "0, 1";
    case "address":
      return field.family === 6 ? "IPv6 address, network" : "address, network";
    case "text":
      return "text";
  }
}

it("docs/filters.md has each field as it is", () => {
  const names: FieldName[] = [...fieldNames, "host.label.KEY"];
  const lines = names.map((name) => {
    const field = fieldOf(name);
    return `| \`${name}\` | ${takes(field)} | ${field.kinds.join(", ")} | ${field.doc} |`;
  });
  const text = readFileSync(fileURLToPath(new URL("../../../../../docs/filters.md", import.meta.url)), "utf8");
  const table = text.slice(text.indexOf("\n|---|---|---|---|\n") + "\n|---|---|---|---|\n".length).trimEnd();
  expect(table.split("\n")).toEqual(lines);
});

it("a malformed packet may be named by every reason there is", () => {
  const field = fieldOf("malformed");
  const reasons = parseErrors.filter((reason) => reason !== undefined && reason !== "ok");
  expect(field.type === "name" ? [...field.names.keys()] : []).toEqual(reasons);
});
