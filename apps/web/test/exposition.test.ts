import { expect, test } from "vitest";
import { readExposition } from "./exposition.ts";

const head = "# HELP a_total What.\n# TYPE a_total counter\n";

test("reads labels with what is escaped in them", () => {
  const { series } = readExposition(`${head}a_total{b="x\\"y\\\\z\\nw",c=""} 1.5e3\na_total{b="2"} +Inf\n`);
  expect(series.map((one) => [...one.labels.values()])).toEqual([['x"y\\z\nw', ""], ["2"]]);
  expect(series.map((one) => one.value)).toEqual([1500, Infinity]);
});

test.each([
  ["no end of line", `${head}a_total 1`],
  ["no TYPE", "a_total 1\n"],
  ["no HELP", "# TYPE a_total counter\na_total 1\n"],
  ["a series twice", `${head}a_total 1\na_total 2\n`],
  ["a label twice", `${head}a_total{b="1",b="2"} 1\n`],
  ["a quote not escaped", `${head}a_total{b="x"y"} 1\n`],
  ["no number", `${head}a_total one\n`],
  ["a counter's name", "# HELP a What.\n# TYPE a counter\na 1\n"],
  ["a gauge's name", "# HELP a_total What.\n# TYPE a_total gauge\na_total 1\n"],
  ["lines that stand apart", `${head}a_total 1\n# HELP b What.\n# TYPE b gauge\nb 1\na_total{c="1"} 1\n`],
  ["a histogram without its last bucket", '# HELP h What.\n# TYPE h histogram\nh_bucket{le="1"} 1\nh_sum 1\nh_count 2\n'],
])("refuses %s", (_, text) => {
  expect(() => readExposition(text)).toThrow();
});
