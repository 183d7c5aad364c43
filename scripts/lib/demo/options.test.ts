import { expect, test } from "vitest";
import { readOptions } from "./options.mjs";

test("without flags everything is left to the machine, but for a seed", () => {
  const options = readOptions([]);
  expect(options).toMatchObject({ port: undefined, url: undefined, minutes: undefined, fresh: false });
  expect(options.data).toMatch(/\/\.sonde\/demo$/);
  expect(Number.isInteger(options.seed)).toBe(true);
});

test("flags", () => {
  const argv = ["--port", "8000", "--minutes", "0.5", "--seed=7", "--fresh", "--data", "/tmp/x"];
  expect(readOptions(argv)).toEqual({ port: 8000, url: undefined, minutes: 0.5, seed: 7, fresh: true, data: "/tmp/x" });
  expect(readOptions(["--url", "https://192.0.2.5:8000"]).url?.origin).toBe("https://192.0.2.5:8000");
});

test.each([
  [["--port", "0"]],
  [["--port", "70000"]],
  [["--minutes", "-1"]],
  [["--minutes", ""]],
  [["--seed", "1.5"]],
  [["--url", "http://192.0.2.5:80"]],
  [["--url", "https://127.0.0.1:7879"]],
  [["--url", "https://192.0.2.5"]],
  [["--url", "https://192.0.2.5:7879", "--port", "7879"]],
  [["--unknown"]],
  [["word"]],
])("%j is refused", (argv) => {
  expect(() => readOptions(argv)).toThrow();
});
