import {
  BATCH_HEADER_BYTES,
  BatchKind,
  COUNTER_ROW_BYTES,
  FLOW_BYTES,
  MAX_BATCH_BYTES,
  checkBatch,
  counterRowAt,
  flowAt,
  frameBatch,
  viewOf,
} from "@sonde/protocol";
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

type FlowCounts = { readonly ifindex: number; readonly direction: 1 | 2; readonly frames: bigint };

/** Flow records of two packets and 100 bytes a frame. */
function flowBatch(flows: readonly FlowCounts[]): ArrayBuffer {
  const bodyLen = flows.length * FLOW_BYTES;
  const batch = new ArrayBuffer(BATCH_HEADER_BYTES + bodyLen);
  const view = viewOf(batch);
  frameBatch(view, { kind: BatchKind.flows, count: flows.length, bodyLen, firstNs: 0n, lastNs: 0n });
  flows.forEach(({ ifindex, direction, frames }, i) => {
    const at = BATCH_HEADER_BYTES + i * FLOW_BYTES;
    view.setUint32(at + flowAt.ifindex, ifindex, true);
    view.setUint8(at + flowAt.direction, direction);
    view.setBigUint64(at + flowAt.frames, frames, true);
    view.setBigUint64(at + flowAt.packets, frames * 2n, true);
    view.setBigUint64(at + flowAt.bytes, frames * 100n, true);
  });
  return batch;
}

function unflowedOf(batch: ArrayBuffer | undefined): (number | bigint)[][] {
  const view = viewOf(batch ?? new ArrayBuffer(0));
  return Array.from({ length: headerOf(batch).count }, (_, i) => {
    const at = BATCH_HEADER_BYTES + i * COUNTER_ROW_BYTES;
    const counts = [0, 8, 16].map((offset) => view.getBigUint64(at + counterRowAt.unflowed + offset, true));
    return [view.getUint32(at + counterRowAt.ifindex, true), view.getUint8(at + counterRowAt.direction), ...counts];
  });
}

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
    expect(later.totals.ringLost).toBe(3n);
  });

  it("counts an interface attached anew from zero, and forgets no loss of one that is gone", () => {
    const diff = new CounterDiff(0n);
    diff.read(totals(1n, [{ ifindex: 1, direction: 1, frames: 100n, ringLost: 4n }])).commit();
    const anew = diff.read(totals(2n, [{ ifindex: 1, direction: 1, frames: 7n, ringLost: 1n }]));
    expect(framesOf(anew.batches[0], 0)).toBe(7n);
    expect(anew.totals.ringLost).toBe(5n);
    anew.commit();
    expect(diff.read(totals(3n, [])).totals.ringLost).toBe(5n);
  });

  it("adds flow records that were given up to unflowed, once, with or without a row of their interface (SPEC 4.7)", () => {
    const diff = new CounterDiff(0n);
    diff.giveUp(flowBatch([{ ifindex: 1, direction: 1, frames: 5n }]));
    diff.giveUp(
      flowBatch([
        { ifindex: 1, direction: 1, frames: 2n },
        { ifindex: 9, direction: 2, frames: 3n },
      ]),
    );
    expect(diff.owing).toBe(true);
    const row = totals(1n, [{ ifindex: 1, direction: 1, frames: 100n }]);
    diff.read(row); // not taken: still owed
    const reading = diff.read(row);
    expect(unflowedOf(reading.batches[0])).toEqual([
      [1, 1, 7n, 14n, 700n],
      [9, 2, 3n, 6n, 300n],
    ]);
    reading.commit();
    expect(diff.owing).toBe(false);
    expect(unflowedOf(diff.read(totals(2n, [{ ifindex: 1, direction: 1, frames: 101n }])).batches[0])).toEqual([[1, 1, 0n, 0n, 0n]]);
  });

  it("splits what does not fit one batch", () => {
    const rows = Array.from({ length: 1500 }, (_, i): Row => ({ ifindex: i + 1, direction: 1, frames: 1n }));
    const { batches } = new CounterDiff(0n).read(totals(1n, rows));
    expect(batches.map((batch) => headerOf(batch).count).reduce((a, b) => a + b)).toBe(1500);
    expect(batches.every((batch) => batch.byteLength <= MAX_BATCH_BYTES)).toBe(true);
  });
});
