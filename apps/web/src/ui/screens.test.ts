import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const features = fileURLToPath(new URL("../features", import.meta.url));
/** What only parts of src/ui do: fill, frame and round. Screens lay parts out, set text, and draw rules between things. */
const styling = /\b(?:bg-(?!transparent)[a-z]|rounded|shadow|border-(?:edge|accent|dropped|monitored)|hatched)/;

test("no screen styles anything by itself (docs/design.md)", () => {
  const files = readdirSync(features, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".tsx") && !name.startsWith("parts/"),
  );
  expect(files.length).toBeGreaterThan(50);
  const found = files.flatMap((name) =>
    readFileSync(`${features}/${name}`, "utf8")
      .split("\n")
      .flatMap((line, i) => (/className|clsx\(/.test(line) && styling.test(line) ? [`${name}:${i + 1}`] : [])),
  );
  expect(found).toEqual([]);
});
