import { describe, expect, test } from "vitest";
import { completePcap } from "./complete.ts";

const labels = (text: string): string[] => completePcap(text, text.length).options.map((option) => option.label);

describe("what may stand in a capture filter", () => {
  test("an empty line may begin with anything, and what is typed narrows it", () => {
    expect(labels("")).toContain("udp port");
    expect(labels("ud")[0]).toBe("udp");
    expect(labels("tcp and no")).toEqual(["not"]);
  });

  test("values are the person's own", () => {
    for (const text of ["host ", "udp port ", "src net 10.0"]) expect(labels(text)).toEqual([]);
  });

  test("behind a whole statement it goes on or ends", () => {
    expect(labels("udp port 53 ")).toEqual(["and", "or", "and not"]);
    expect(labels("tcp ")).toContain("dst port");
    expect(labels("src ")).toEqual(["host", "net", "port", "portrange"]);
  });

  test("an option takes the place of the word at the caret", () => {
    expect(completePcap("tcp an port 5", 6)).toMatchObject({ from: 4, to: 6 });
  });
});
