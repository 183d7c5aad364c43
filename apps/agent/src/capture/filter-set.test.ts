import { BpfError, type TranslatedFilters } from "@sonde/bpf";
import type { FilterProgram, FiltersMessage } from "@sonde/protocol";
import { describe, expect, test, vi } from "vitest";
import { type Judged, judgeFilters } from "./filter-set.ts";

const all: FilterProgram = [[0x06, 0, 0, 65_535]];
const message = (ethernet: FilterProgram, raw: FilterProgram = all): FiltersMessage => ({
  type: "filters",
  number: 7,
  filters: [
    { id: "first", expression: "", ethernet: all, raw: all, sampleN: 1, snaplen: 64 },
    { id: "second", expression: "tcp", ethernet, raw, sampleN: 10, snaplen: 128 },
  ],
});
const target = { slot: 1, xdpHelpers: true, sockets: true } as const;
const judge = (given: FiltersMessage, measure: (filters: TranslatedFilters) => number | null): Judged =>
  judgeFilters({ message: JSON.stringify(given), target }, measure);

describe("a set from the hub (SPEC 8)", () => {
  test("sound programs are translated together for the engine that is named, and measured", () => {
    const measure = vi.fn<(filters: TranslatedFilters) => number>(() => 31.5);
    const judged = judge(
      message([
        [0x30, 0, 0, 23],
        [0x15, 0, 1, 6],
        [0x06, 0, 0, 1],
        [0x06, 0, 0, 0],
      ]),
      measure,
    );
    expect(judged).toMatchObject({ ok: true, nsPerPacket: 31.5, translated: { number: 7, slot: 1, count: 2 } });
    expect(judged.ok && judged.translated.programs.map((program) => program.byteLength > 0)).toEqual(Array.from({ length: 6 }, () => true));
    expect(measure.mock.calls).toEqual([[judged.ok && judged.translated]]);
  });

  test("a set without filters is the engine's own, whatever its number", () => {
    expect(judge({ type: "filters", number: 9, filters: [] }, () => null)).toMatchObject({
      ok: true,
      nsPerPacket: null,
      translated: { number: 0, count: 0 },
    });
  });

  test.each<[string, FilterProgram]>([
    ["does not end in a return", [[0x30, 0, 0, 23]]],
    ["jump out of the program", [[0x15, 200, 0, 6], ...all]],
    ["jump out of the program", [[0x05, 0, 0, 0xffff_ffff], ...all]],
    ["division by zero", [[0x34, 0, 0, 0], ...all]],
    ["unknown opcode", [[0xffff, 0, 0, 0], ...all]],
    ["load beyond any packet", [[0x20, 0, 0, 0xffff_f02c], ...all]],
    ["scratch word out of range", [[0x02, 0, 0, 16], ...all]],
  ])("of a hub that lies: %s", (reason, program) => {
    const measure = vi.fn<() => number>(() => 1);
    for (const [link, lie] of [
      ["ethernet", message(program)],
      ["raw", message(all, program)],
    ] as const) {
      const judged = judge(lie, measure);
      expect(judged).toMatchObject({ ok: false, code: "FILTER_INVALID" });
      expect(judged.ok ? "" : judged.detail).toMatch(new RegExp(`^filter 1 \\(tcp\\), ${link}, instruction \\d+: .*${reason}`));
    }
    expect(measure).not.toHaveBeenCalled();
  });

  test("the kernel verifier's refusal comes with the end of its log", () => {
    const log = `${"x".repeat(10_000)}R1 invalid mem access`;
    const judged = judge(message(all), () => {
      throw new BpfError("LOAD", "Loading the filters failed; the verifier's log is in verifierLog.", 13, log);
    });
    expect(judged).toMatchObject({ ok: false, code: "FILTER_REFUSED", detail: "Loading the filters failed." });
    expect(judged.ok ? "" : judged.log).toHaveLength(4000);
    expect(judged.ok ? "" : judged.log).toMatch(/invalid mem access$/);
  });

  test("any other failure is an answer too", () => {
    const failing = (error: Error) => () => {
      throw error;
    };
    expect(judge(message(all), failing(new BpfError("UNSUPPORTED", "no ring buffer")))).toMatchObject({ code: "FILTER_UNSUPPORTED" });
    expect(judge(message(all), failing(new Error("what?")))).toMatchObject({ ok: false, code: "INTERNAL", detail: "Error: what?" });
  });
});
