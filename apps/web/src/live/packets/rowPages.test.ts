import { expect, test, vi } from "vitest";
import type { PacketRow, Rows } from "../../domain/packets/types.ts";
import { RowPages } from "./rowPages.ts";

const row = (number: number, info: string): PacketRow => ({
  number,
  timeNs: BigInt(number),
  previousNs: null,
  source: "",
  destination: "",
  protocol: "",
  length: 0,
  info,
  colour: null,
  marked: false,
  comments: [],
  interfaceName: null,
  host: null,
  direction: null,
});
const now = (run: () => void): (() => void) => {
  run();
  return () => {};
};

/** A table of `total` rows that say which view they are of; answers come when they are let go. */
function table(total: number) {
  const state = { total, view: "a", asked: [] as number[] };
  let letGo: (() => void)[] = [];
  const fetch = (from: number, count: number): Promise<Rows> => {
    const { view, total: then } = state;
    state.asked.push(from);
    const rows = Array.from({ length: Math.max(0, Math.min(count, then - from)) }, (_, i) => row(from + i + 1, view));
    return new Promise((resolve) => letGo.push(() => resolve({ from, total: then, rows })));
  };
  const answer = async () => {
    for (const go of letGo.splice(0)) go();
    await Promise.resolve();
    await Promise.resolve();
  };
  return { state, answer, fail: () => (letGo = []), pages: new RowPages(fetch, now) };
}

test("asks for the pages in sight once, and says when they came", async () => {
  const { pages, state, answer } = table(1000);
  const changed = vi.fn<() => void>();
  pages.subscribe(changed);
  pages.want(100, 140, 1000);
  pages.want(101, 141, 1000);
  expect(state.asked).toEqual([0, 128]);
  expect(pages.row(100)).toBeNull();
  await answer();
  expect(changed).toHaveBeenCalled();
  expect([pages.row(100)?.number, pages.row(140)?.number]).toEqual([101, 141]);
  pages.want(102, 142, 1000);
  expect(state.asked).toHaveLength(2);
});

test("rows of an older view stay until the newer ones came", async () => {
  const { pages, state, answer } = table(50);
  pages.want(0, 20, 50);
  await answer();
  state.view = "b";
  pages.stale();
  expect(pages.row(3)?.info).toBe("a");
  await answer();
  expect(pages.row(3)?.info).toBe("b");
});

test("a page that was not full is asked for again when there are more", async () => {
  const { pages, state, answer } = table(10);
  pages.want(0, 30, 10);
  await answer();
  state.total = 30;
  pages.want(0, 30, 30);
  await answer();
  expect(pages.row(29)?.number).toBe(30);
});

test("what changed while an answer was on its way is asked for again", async () => {
  const { pages, state, answer } = table(10);
  pages.want(0, 10, 10);
  state.view = "b";
  pages.stale();
  await answer();
  expect(pages.row(0)?.info).toBe("a");
  await answer();
  expect(pages.row(0)?.info).toBe("b");
});

test("a view that grew while an answer was on its way is asked for the rest; one that never has it is not asked for ever", async () => {
  const { pages, state, answer } = table(10);
  pages.want(0, 30, 10);
  pages.want(0, 30, 30);
  await answer();
  state.total = 30;
  await answer();
  await answer();
  expect(pages.row(29)?.number).toBe(30);
  state.asked.length = 0;
  pages.want(0, 60, 60);
  for (let i = 0; i < 20; i++) await answer();
  expect(state.asked.length).toBeLessThan(6);
});

test("of another table nothing is left; far more rows than a screen has are not kept", async () => {
  const { pages, answer } = table(100_000);
  for (let first = 0; first < 100_000; first += 1000) {
    pages.want(first, first + 40, 100_000);
    await answer();
  }
  expect(pages.row(10)).toBeNull();
  expect(pages.row(99_010)).not.toBeNull();
  pages.clear();
  expect(pages.row(99_010)).toBeNull();
});
