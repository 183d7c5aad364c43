import { BpfError, type FilterReport, type Rate, type TranslatedFilters } from "@sonde/bpf";
import { type FiltersMessage, filtersSchema } from "@sonde/protocol";
import { describe, expect, test, vi } from "vitest";
import { FilterTaker } from "./filter-taker.ts";
import { type FilterTask, type Judged, withoutEnded } from "./filter-set.ts";

const message = (number: number): FiltersMessage => ({ type: "filters", number, filters: [] });
const contexts: FilterReport["contexts"] = [{ context: "tc-ethernet", instructions: 90, verified: 400 }];

/** A taker whose judgements end when told, in the order they began. */
function rig() {
  const judging: { readonly task: FilterTask; readonly end: (judged: Judged | Error) => void }[] = [];
  const loadFilters = vi.fn<(translated: TranslatedFilters, rates: readonly Rate[]) => Promise<FilterReport>>(() =>
    Promise.resolve({ contexts }),
  );
  const replaceFilters = vi.fn<(translated: TranslatedFilters) => Promise<FilterReport>>(() => Promise.resolve({ contexts }));
  const inForce: number[] = [];
  const trouble: string[] = [];
  let ended = false;
  const taker = new FilterTaker({
    engine: { filterTarget: () => ({ slot: 0, xdpHelpers: true, sockets: true }), loadFilters, replaceFilters },
    prepared: (message) => withoutEnded(message, () => ended),
    judge: (task) =>
      new Promise((resolve, reject) =>
        judging.push({ task, end: (judged) => (judged instanceof Error ? reject(judged) : resolve(judged)) }),
      ),
    beforeLoad: () => undefined,
    limited: ({ filters }) => filters,
    onInForce: ({ number }) => inForce.push(number),
    onReplaced: () => undefined,
    onTrouble: (reason) => trouble.push(reason),
  });
  const sound = (number: number): Judged => ({ ok: true, translated: { number, slot: 0, count: 0, programs: [] }, nsPerPacket: 5 });
  const begun = (count: number): Promise<void> => vi.waitFor(() => expect(judging).toHaveLength(count));
  const end = (): void => {
    ended = true;
    taker.refresh();
  };
  return { taker, judging, loadFilters, replaceFilters, inForce, trouble, sound, begun, end };
}

describe("taking filter sets, one after the other", () => {
  test("those that come meanwhile wait, and the last one stays", async () => {
    const { taker, judging, inForce, sound, begun } = rig();
    const answers = [1, 2, 3].map((number) => taker.take(message(number)));
    for (const number of [1, 2, 3]) {
      await begun(number);
      judging[number - 1]?.end(sound(number));
    }
    expect(await Promise.all(answers)).toEqual(
      [1, 2, 3].map((number) => ({ ok: true, report: { number, contexts: [...contexts], nsPerPacket: 5 } })),
    );
    expect(inForce).toEqual([1, 2, 3]);
  });

  test("a set that comes again is judged once, meanwhile and later; another one between has it judged anew", async () => {
    const { taker, judging, sound, begun } = rig();
    const both = [taker.take(message(1)), taker.take(message(1))];
    await begun(1);
    judging[0]?.end(sound(1));
    expect(new Set(await Promise.all(both)).size).toBe(1);
    expect(await taker.take(message(1))).toEqual(await both[0]);
    const other = taker.take(message(2));
    await begun(2);
    judging[1]?.end({ ok: false, code: "FILTER_REFUSED", detail: "no" });
    expect(await other).toMatchObject({ code: "FILTER_REFUSED" });
    expect(await taker.take(message(2))).toEqual(await other);
    const again = taker.take(message(1));
    await begun(3);
    judging[2]?.end(sound(1));
    expect(await again).toMatchObject({ ok: true });
  });

  test("what is refused by the live engine, or by a failure, is an answer; a failure is no verdict", async () => {
    const { taker, judging, loadFilters, inForce, sound, begun } = rig();
    loadFilters.mockRejectedValueOnce(new BpfError("LOAD", "Loading failed.", 13, "the log"));
    const refused = taker.take(message(1));
    await begun(1);
    judging[0]?.end(sound(1));
    expect(await refused).toMatchObject({ ok: false, code: "FILTER_REFUSED", log: "the log" });
    const failed = taker.take(message(2));
    await begun(2);
    judging[1]?.end(new Error("out of memory"));
    expect(await failed).toMatchObject({ ok: false, code: "INTERNAL" });
    const retried = taker.take(message(2));
    await begun(3);
    judging[2]?.end(sound(2));
    expect(await retried).toMatchObject({ ok: true });
    expect(inForce).toEqual([2]);
  });

  test("stopping ends what waits without loading it", async () => {
    const { taker, judging, loadFilters, begun } = rig();
    const answers = [1, 2].map((number) => taker.take(message(number)));
    await begun(1);
    const stopped = taker.stop();
    judging[0]?.end(new Error("terminated"));
    await stopped;
    expect(await Promise.all(answers)).toMatchObject([{ code: "UNAVAILABLE" }, { code: "UNAVAILABLE" }]);
    expect(judging).toHaveLength(1);
    expect(loadFilters).not.toHaveBeenCalled();
  });

  test("what ended of the set in force is replaced once, unmeasured, after what came before; a set loaded later is without it", async () => {
    const { taker, judging, loadFilters, replaceFilters, trouble, sound, begun, end } = rig();
    const filter = { id: "x", expression: "", ethernet: [[6, 0, 0, 1]], raw: [[6, 0, 0, 1]], sampleN: 1, snaplen: 64 } as const;
    const set = (number: number): FiltersMessage => filtersSchema.parse({ ...message(number), filters: [filter] });
    const first = taker.take(set(1));
    await begun(1);
    end();
    end();
    judging[0]?.end(sound(1));
    await first;
    await begun(2);
    expect(judging[1]?.task).toMatchObject({ replaces: true, message: expect.stringContaining('"ethernet":[[6,0,0,0]]') });
    judging[1]?.end(sound(1));
    await vi.waitFor(() => expect(replaceFilters).toHaveBeenCalledTimes(1));
    const second = taker.take(set(2));
    await begun(3);
    expect(judging[2]?.task.message).toContain('"raw":[[6,0,0,0]]');
    judging[2]?.end(sound(2));
    await second;
    taker.refresh();
    await taker.stop();
    expect([judging.length, loadFilters.mock.calls.length, replaceFilters.mock.calls.length, trouble]).toEqual([3, 2, 1, []]);
  });

  test("only so many wait", async () => {
    const { taker, judging, begun } = rig();
    const answers = Array.from({ length: 9 }, (_, i) => taker.take(message(i + 1)));
    expect(await answers[8]).toMatchObject({ ok: false, code: "BUSY" });
    await begun(1);
    void taker.stop();
    judging[0]?.end(new Error("terminated"));
    await Promise.all(answers);
  });
});
