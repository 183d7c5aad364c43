import { BATCH_HEADER_BYTES, FILTER_ROW_BYTES, checkBatch, filterRowAt, viewOf } from "@sonde/protocol";
import { describe, expect, it } from "vitest";
import { FilterDiff } from "./filter-diff.ts";

type Row = readonly [set: number, bit: number, matched: number];

function totals(atNs: bigint, rows: readonly Row[]): ArrayBuffer {
  const buffer = new ArrayBuffer(16 + rows.length * FILTER_ROW_BYTES);
  const view = viewOf(buffer);
  view.setBigUint64(0, atNs, true);
  view.setUint32(8, rows.length, true);
  rows.forEach(([set, bit, matched], i) => {
    const at = 16 + i * FILTER_ROW_BYTES;
    view.setUint32(at + filterRowAt.filterSet, set, true);
    view.setUint32(at + filterRowAt.bit, bit, true);
    view.setBigUint64(at + filterRowAt.matched, BigInt(matched), true);
    view.setBigUint64(at + filterRowAt.delivered, BigInt(matched), true);
  });
  return buffer;
}

function rowsOf(batches: readonly ArrayBuffer[]): { rows: Row[]; interval: bigint[] } {
  expect(batches).toHaveLength(1);
  const view = viewOf(batches[0] ?? new ArrayBuffer(0));
  const checked = checkBatch(view);
  if (!checked.ok) throw new Error(checked.code);
  const rows = Array.from({ length: checked.value.count }, (_, i): Row => {
    const at = BATCH_HEADER_BYTES + i * FILTER_ROW_BYTES;
    const u32 = (offset: number): number => view.getUint32(at + offset, true);
    return [u32(filterRowAt.filterSet), u32(filterRowAt.bit), Number(view.getBigUint64(at + filterRowAt.matched, true))];
  });
  return { rows, interval: [checked.value.firstNs, checked.value.lastNs] };
}

describe("FilterDiff (SPEC 2.11)", () => {
  it("sends differences of filters that took something, by set and bit, and nothing when none did", () => {
    const diff = new FilterDiff(1n);
    const first = diff.read(
      totals(2n, [
        [7, 0, 5],
        [7, 1, 0],
        [0, 0, 3],
      ]),
    );
    expect(rowsOf(first.batches)).toEqual({
      rows: [
        [7, 0, 5],
        [0, 0, 3],
      ],
      interval: [1n, 2n],
    });
    first.commit();
    const quiet = diff.read(totals(3n, [[7, 0, 5]]));
    expect(quiet.batches).toEqual([]);
    quiet.commit();
    const next = diff.read(
      totals(4n, [
        [8, 0, 2],
        [7, 0, 6],
      ]),
    );
    expect(rowsOf(next.batches)).toEqual({
      rows: [
        [8, 0, 2],
        [7, 0, 1],
      ],
      interval: [3n, 4n],
    });
  });

  it("covers a reading that was not taken with the next one (SPEC 4.5)", () => {
    const diff = new FilterDiff(1n);
    diff.read(totals(2n, [[7, 0, 5]]));
    expect(rowsOf(diff.read(totals(3n, [[7, 0, 9]])).batches)).toEqual({ rows: [[7, 0, 9]], interval: [1n, 3n] });
  });
});
