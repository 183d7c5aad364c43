import { COUNTER_ROW_BYTES, MAX_BATCH_BYTES, checkBatch, counterRowAt, viewOf } from "@sonde/protocol";
import { describe, expect, it } from "vitest";
import { CounterDiff } from "./counter-diff.ts";

type Row = { readonly ifindex: number; readonly direction: 1 | 2; readonly frames: bigint; readonly ringLost?: bigint };

function totals(atNs: bigint, rows: readonly Row[]): ArrayBuffer {
  const buffer = new ArrayBuffer(16 + rows.length * COUNTER_ROW_BYTES);
  const view = viewOf(buffer);
  view.setBigUint64(0, atNs, true);
  view.setUint32(8, rows.length, true);
  rows.forEach((row, i) => {
    const at = 16 + i * COUNTER_ROW_BYTES;
    view.setUint32(at, row.ifindex, true);
    view.setUint8(at + counterRowAt.direction, row.direction);
    view.setUint8(at + counterRowAt.hook, row.direction === 1 ? 3 : 1);
    view.setBigUint64(at + counterRowAt.proto, row.frames, true);
    view.setBigUint64(at + counterRowAt.ringLost, row.ringLost ?? 0n, true);
  });
  return buffer;
}

const headerOf = (batch: ArrayBuffer | undefined) => {
  const checked = checkBatch(viewOf(batch ?? new ArrayBuffer(0)));
  if (!checked.ok) throw new Error(checked.code);
  return checked.value;
};
const framesOf = (batch: ArrayBuffer | undefined, row: number): bigint =>
  viewOf(batch ?? new ArrayBuffer(0)).getBigUint64(112 + row * COUNTER_ROW_BYTES + counterRowAt.proto, true);

describe("CounterDiff", () => {
  it("sends differences, and no rows of silent interfaces (SPEC 2.8)", () => {
    const diff = new CounterDiff(10n);
    const first = diff.read(
      totals(20n, [
        { ifindex: 1, direction: 1, frames: 5n },
        { ifindex: 2, direction: 1, frames: 0n },
      ]),
    );
    expect(headerOf(first.batches[0])).toMatchObject({ count: 1, firstNs: 10n, lastNs: 20n });
    first.commit();
    const second = diff.read(
      totals(30n, [
        { ifindex: 1, direction: 1, frames: 8n },
        { ifindex: 2, direction: 1, frames: 0n },
      ]),
    );
    expect(headerOf(second.batches[0])).toMatchObject({ count: 1, firstNs: 20n, lastNs: 30n });
    expect(framesOf(second.batches[0], 0)).toBe(3n);
  });

  it("lets the interval grow while a reading is not taken (SPEC 4.5)", () => {
    const diff = new CounterDiff(10n);
    diff.read(totals(20n, [{ ifindex: 1, direction: 2, frames: 5n, ringLost: 2n }]));
    const later = diff.read(totals(30n, [{ ifindex: 1, direction: 2, frames: 9n, ringLost: 3n }]));
    expect(headerOf(later.batches[0])).toMatchObject({ firstNs: 10n, lastNs: 30n });
    expect(framesOf(later.batches[0], 0)).toBe(9n);
    expect(later.ringLost).toBe(3n);
  });

  it("counts an interface attached anew from zero, and forgets no loss of one that is gone", () => {
    const diff = new CounterDiff(0n);
    diff.read(totals(1n, [{ ifindex: 1, direction: 1, frames: 100n, ringLost: 4n }])).commit();
    const anew = diff.read(totals(2n, [{ ifindex: 1, direction: 1, frames: 7n, ringLost: 1n }]));
    expect(framesOf(anew.batches[0], 0)).toBe(7n);
    expect(anew.ringLost).toBe(5n);
    anew.commit();
    expect(diff.read(totals(3n, [])).ringLost).toBe(5n);
  });

  it("splits what does not fit one batch", () => {
    const rows = Array.from({ length: 1500 }, (_, i): Row => ({ ifindex: i + 1, direction: 1, frames: 1n }));
    const { batches } = new CounterDiff(0n).read(totals(1n, rows));
    expect(batches.map((batch) => headerOf(batch).count).reduce((a, b) => a + b)).toBe(1500);
    expect(batches.every((batch) => batch.byteLength <= MAX_BATCH_BYTES)).toBe(true);
  });
});
