import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Regex } from "./automaton.ts";
import { RegexError } from "./parse.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("a regular expression", () => {
  it.each<[pattern: string, takes: readonly string[], not: readonly string[]]>([
    ["abc", ["abc", "xxABCx"], ["ab", "a b c", ""]],
    ["(?-i)abc", ["abc"], ["ABC"]],
    ["^GET /", ["GET / HTTP/1.1", "get /"], [" GET /"]],
    ["\\.example$", ["www.example"], ["www.example.org", "xexample"]],
    ["^$", [""], ["a"]],
    ["a|b|^c", ["xxb", "c"], ["dc"]],
    ["x{2,3}y", ["xxy", "xxxxy"], ["xy"]],
    ["^x{2}$", ["xx"], ["xxx"]],
    ["(ab)+c", ["ababc"], ["ac"]],
    ["a.c", ["abc", "a c"], ["a\nc", "ac"]],
    ["[a-c]+\\d", ["B7"], ["d7"]],
    ["[^a-z]", ["7"], ["abC"]],
    ["[]x]", ["]"], ["y"]],
    ["[\\d.-]+", ["-"], ["a"]],
    ["\\x47\\x45\\x54", ["GET"], ["GE"]],
    ["grün?", ["grün", "grü"], ["gru"]],
    ["(?:a*)*b", ["aaab"], ["aaa"]],
    ["", ["", "x"], []],
  ])("%s", (pattern, takes, not) => {
    const regex = new Regex(pattern);
    for (const text of takes) expect([text, regex.test(bytes(text))]).toEqual([text, true]);
    for (const text of not) expect([text, regex.test(bytes(text))]).toEqual([text, false]);
  });

  it.each([
    ["(a", "a parenthesis is not closed", 0],
    ["a)", "this ) closes nothing", 1],
    ["*a", "nothing to repeat", 0],
    ["[a", "a [ is not closed", 0],
    ["[z-a]", "the range ends before it begins", 0],
    ["(a)\\1", "\\1 is not known", 3],
    ["(?=a)", "no looking around, no names and no options inside", 0],
    ["a{3,2}", "a repetition goes up to 255 times, from the smaller number to the larger", 1],
    ["a**", "a repetition of a repetition: put it in parentheses", 3],
    ["((a{255}){255}){255}", "the regular expression repeats too much", 0],
    ["a".repeat(501), "a regular expression has at most 500 characters", 500],
  ])("%s is refused", (pattern, message, at) => {
    const refused = ((): RegexError | null => {
      try {
        void new Regex(pattern);
        return null;
      } catch (error) {
        if (error instanceof RegexError) return error;
        throw error;
      }
    })();
    expect({ message: refused?.message, at: refused?.at }).toEqual({ message, at });
  });

  it("answers as the language's own", () => {
    const seed = Number(process.env["SONDE_SEED"] ?? Date.now() % 2 ** 31);
    const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
      pattern: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "^", "$", "\\w", "ab"),
        fc.tuple(tie("pattern"), tie("pattern")).map(([a, b]) => `${a}${b}`),
        fc.tuple(tie("pattern"), tie("pattern")).map(([a, b]) => `(?:${a}|${b})`),
        fc.tuple(tie("pattern"), fc.constantFrom("*", "+", "?", "{2}", "{1,2}", "{0,3}")).map(([a, b]) => `(?:${a})${b}`),
      ),
    }));
    fc.assert(
      fc.property(pattern, fc.array(fc.constantFrom("a", "b", "c", "A"), { maxLength: 12 }), (source, letters) => {
        const text = letters.join("");
        expect(new Regex(source).test(bytes(text))).toBe(new RegExp(source, "is").test(text.replaceAll("\n", "")));
      }),
      { seed, numRuns: 2000 },
    );
  });

  it("takes no more steps than there are bytes, where others take twice as many for each", () => {
    const regex = new Regex("^(a|a)*(a|aa)+b$");
    expect(regex.test(bytes("a".repeat(100_000)))).toBe(false);
    const many = new Regex("(a|b)*a(a|b){12}c");
    expect(many.test(Uint8Array.from({ length: 50_000 }, (_, i) => 0x61 + (((i * i) >> 3) & 1)))).toBe(false);
  });
});
