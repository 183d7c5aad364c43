import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const css = readFileSync(fileURLToPath(new URL("../app/globals.css", import.meta.url)), "utf8");
const [light, dark] = [css, css.slice(css.indexOf("prefers-color-scheme: dark"))].map(
  (text) => new Map([...text.slice(0, text.indexOf("}")).matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map((m) => [m[1] ?? "", m[2] ?? ""])),
) as [Map<string, string>, Map<string, string>];

/** Relative luminance (WCAG 2.2). */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const grounds = ["ground", "surface", "hover", "selected"];
const decoration = new Set([...grounds, "line", "edge", "on-accent"]);

describe.each([
  ["light", light],
  ["dark", dark],
])("%s theme reaches WCAG 2.2 AA", (_, tokens) => {
  const of = (name: string): string => tokens.get(name) ?? "";

  test("both themes define the same tokens", () => {
    expect([...tokens.keys()]).toEqual([...light.keys()]);
    expect(tokens.size).toBeGreaterThan(20);
  });

  test.each([...light.keys()].filter((name) => !decoration.has(name)))("%s as text on every surface", (name) => {
    for (const ground of grounds) expect(contrast(of(name), of(ground)), `${name} on ${ground}`).toBeGreaterThanOrEqual(4.5);
  });

  test("outlines of controls and focus on every surface", () => {
    for (const ground of grounds) {
      expect(contrast(of("edge"), of(ground)), `edge on ${ground}`).toBeGreaterThanOrEqual(3);
      expect(contrast(of("accent"), of(ground)), `accent on ${ground}`).toBeGreaterThanOrEqual(3);
    }
  });

  test("text on the accent", () => {
    expect(contrast(of("on-accent"), of("accent"))).toBeGreaterThanOrEqual(4.5);
  });
});
