import { BpfError, type FilterSet } from "@sonde/bpf";
import type { FilterProgram, FilterReport, FiltersMessage } from "@sonde/protocol";
import { describe, expect, test, vi } from "vitest";
import { createFilterTaker, takeFilters } from "./filter-set.ts";

const all: FilterProgram = [[0x06, 0, 0, 65_535]];
const message = (ethernet: FilterProgram, raw: FilterProgram = all): FiltersMessage => ({
  type: "filters",
  number: 7,
  filters: [
    { id: "first", expression: "", ethernet: all, raw: all, sampleN: 1, snaplen: 64 },
    { id: "second", expression: "tcp", ethernet, raw, sampleN: 10, snaplen: 128 },
  ],
});
const report = { number: 7, contexts: [{ context: "tc-ethernet", instructions: 90, verified: 400 }], nsPerPacket: 31.5 };

describe("a set from the hub (SPEC 8)", () => {
  test("sound programs are installed together, in order, and the kernel's report is the answer", () => {
    const install = vi.fn<(set: FilterSet) => FilterReport>(() => report);
    expect(
      takeFilters(
        message([
          [0x30, 0, 0, 23],
          [0x15, 0, 1, 6],
          [0x06, 0, 0, 1],
          [0x06, 0, 0, 0],
        ]),
        install,
      ),
    ).toEqual({ ok: true, report });
    expect(install).toHaveBeenCalledOnce();
    const [set] = install.mock.calls[0] ?? [];
    expect(set?.number).toBe(7);
    expect(set?.filters.map((one) => [one.sampleN, one.snaplen, one.ethernet.length])).toEqual([
      [1, 64, 1],
      [10, 128, 4],
    ]);
    expect(set?.filters[1]?.ethernet[1]).toEqual({ code: 0x15, jt: 0, jf: 1, k: 6 });
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
    const install = vi.fn<() => FilterReport>(() => report);
    for (const [link, lie] of [
      ["ethernet", message(program)],
      ["raw", message(all, program)],
    ] as const) {
      const answer = takeFilters(lie, install);
      expect(answer).toMatchObject({ ok: false, code: "FILTER_INVALID" });
      expect(answer.ok ? "" : answer.detail).toMatch(new RegExp(`^filter 1 \\(tcp\\), ${link}, instruction \\d+: .*${reason}`));
    }
    expect(install).not.toHaveBeenCalled();
  });

  test("the kernel verifier's refusal comes with the end of its log", () => {
    const log = `${"x".repeat(10_000)}R1 invalid mem access`;
    const refuse = (): never => {
      throw new BpfError("LOAD", "Loading the filters failed; the verifier's log is in verifierLog.", 13, log);
    };
    const answer = takeFilters(message(all), refuse);
    expect(answer).toMatchObject({ ok: false, code: "FILTER_REFUSED", detail: "Loading the filters failed." });
    expect(answer.ok ? "" : answer.log).toHaveLength(4000);
    expect(answer.ok ? "" : answer.log).toMatch(/invalid mem access$/);
  });

  test("a set that comes again is not installed again; another one is", () => {
    const install = vi.fn<(set: FilterSet) => FilterReport>(({ number }) => ({ ...report, number }));
    const take = createFilterTaker(install);
    expect(take(message(all))).toEqual(take(message(all)));
    expect(install).toHaveBeenCalledTimes(1);
    expect(take({ ...message(all), number: 8 })).toMatchObject({ ok: true, report: { number: 8 } });
    expect(take(message(all))).toMatchObject({ ok: true, report: { number: 7 } });
    expect(install).toHaveBeenCalledTimes(3);
  });

  test("any other failure is an answer too", () => {
    const failing = (error: Error) => () => {
      throw error;
    };
    expect(takeFilters(message(all), failing(new BpfError("UNSUPPORTED", "no ring buffer")))).toMatchObject({ code: "FILTER_UNSUPPORTED" });
    expect(takeFilters(message(all), failing(new Error("what?")))).toMatchObject({ ok: false, code: "INTERNAL", detail: "Error: what?" });
  });
});
