import { describe, expect, test } from "vitest";
import { archiveIn } from "./mirror.mjs";
import { document, reasons, table, tally } from "./report.mjs";

describe("the machine's Debian archive", () => {
  test.each([
    ["stanzas", "Types: deb\nURIs: http://deb.example/debian\nSuites: bookworm\n", "http://deb.example/debian"],
    ["one line", "deb http://deb.example/debian/ bookworm main\n", "http://deb.example/debian/"],
    ["one line with options", "# old\ndeb [signed-by=/k arch=amd64] https://deb.example/debian sid main\n", "https://deb.example/debian"],
    ["security comes first", "URIs: http://sec.example/debian-security http://deb.example/debian\n", "http://deb.example/debian"],
    ["a vendor's only", "deb https://packages.example/apt cloud main\n", undefined],
    ["commented out", "# deb http://deb.example/debian bookworm main\n", undefined],
  ])("%s", (_name, text, expected) => expect(archiveIn(text)).toBe(expected));
});

describe("the report", () => {
  const columns = [
    {
      name: "5.10",
      release: "5.10.0-1-cloud-amd64",
      suite: "bullseye",
      outcomes: [
        { feature: "BTF", ok: true, how: "3 KiB", detail: "" },
        { feature: "TCX", ok: null, how: "", detail: "came with Linux 6.6" },
      ],
    },
    {
      name: "running",
      release: "6.18.1",
      suite: undefined,
      outcomes: [
        { feature: "TCX", ok: true, how: "tried", detail: "" },
        { feature: "load a", ok: false, how: "", detail: "EACCES: why\nand a log" },
      ],
    },
  ];

  test("counts each outcome once", () => expect(tally(columns)).toEqual({ passed: 2, failed: 1, skipped: 1 }));

  test("shows every feature of every kernel", () =>
    expect(table(columns)).toEqual([
      "        5.10.0     6.18.1",
      "BTF     3 KiB      –",
      "TCX     not there  tried",
      "load a  –          FAILED",
    ]));

  test("gives reasons", () => expect(reasons(columns, null)).toEqual(["5.10.0: TCX: came with Linux 6.6"]));

  test("keeps failures in the document, without their logs", () => {
    const text = document(columns);
    expect(text).toContain("| load a | – | FAILED |");
    expect(text).toContain("- 6.18.1: load a: EACCES: why\n");
    expect(text).not.toContain("and a log");
  });
});
