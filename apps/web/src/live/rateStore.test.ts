import {
  BATCH_HEADER_BYTES,
  BatchKind,
  COUNTER_ROW_BYTES,
  checkBatch,
  counterRowAt,
  frameBatch,
  stampBatch,
  viewOf,
} from "@sonde/protocol";
import { expect, test } from "vitest";
import { BOOT, HOST } from "../domain/testRecords.ts";
import { RateStore } from "./rateStore.ts";

type Row = { ifindex: number; direction: 1 | 2; cls: number; packets: number; bytes: number; dropped?: number };

function counters(from: number, to: number, rows: readonly Row[], bootId = BOOT): DataView {
  const bytes = new Uint8Array(BATCH_HEADER_BYTES + rows.length * COUNTER_ROW_BYTES);
  const view = viewOf(bytes);
  frameBatch(view, {
    kind: BatchKind.counters,
    count: rows.length,
    bodyLen: rows.length * COUNTER_ROW_BYTES,
    firstNs: BigInt(from * 1e9),
    lastNs: BigInt(to * 1e9),
  });
  stampBatch(view, { hostId: HOST, bootId, stream: 1n, sequence: 1n, sampleN: 1, snaplen: 0, ringLost: 0n, queueLost: 0n });
  rows.forEach((row, i) => {
    const at = BATCH_HEADER_BYTES + i * COUNTER_ROW_BYTES;
    view.setUint32(at + counterRowAt.ifindex, row.ifindex, true);
    view.setUint8(at + counterRowAt.direction, row.direction);
    const counts = at + counterRowAt.proto + row.cls * counterRowAt.protoStride;
    view.setBigUint64(counts + 8, BigInt(row.packets), true);
    view.setBigUint64(counts + 16, BigInt(row.bytes), true);
    view.setBigUint64(counts + counterRowAt.verdictStride + 8, BigInt(row.dropped ?? 0), true);
  });
  return view;
}

function feed(store: RateStore, view: DataView): void {
  const checked = checkBatch(view);
  if (!checked.ok) throw new Error(checked.code);
  store.append(view, checked.value);
}

const now = (run: () => void): (() => void) => {
  run();
  return () => {};
};
const tcp = { ifindex: 2, cls: 0 };

test("rates are differences over their interval, summed as asked", () => {
  const store = new RateStore(now);
  feed(
    store,
    counters(10, 11, [
      { ...tcp, direction: 1, packets: 90, bytes: 5000, dropped: 10 },
      { ...tcp, direction: 2, packets: 40, bytes: 400 },
    ]),
  );
  feed(store, counters(11, 13, [{ ...tcp, direction: 1, packets: 100, bytes: 5000 }]));
  const ask = { interfaces: [2], classes: [0], measure: "packets" } as const;
  expect(store.series({ ...ask, directions: [1, 2] })).toEqual([140, 50]);
  expect(store.series({ ...ask, directions: [2] })).toEqual([40, 0]);
  expect(store.series({ ...ask, directions: [1], measure: "bytes" })).toEqual([5000, 2500]);
  expect(store.series({ ...ask, directions: [1], classes: [1] })).toEqual([0, 0]);
  expect(store.snapshot()).toMatchObject({ times: [11, 13], interfaces: [2] });
});

test("two batches of one interval are one second", () => {
  const store = new RateStore(now);
  feed(store, counters(10, 11, [{ ...tcp, direction: 1, packets: 1, bytes: 1 }]));
  feed(store, counters(10, 11, [{ ifindex: 3, cls: 0, direction: 1, packets: 2, bytes: 1 }]));
  expect(store.snapshot().times).toEqual([11]);
  expect(store.series({ interfaces: [2, 3], classes: [0], directions: [1], measure: "packets" })).toEqual([3]);
});

test("time that went by unheard is unknown, not zero", () => {
  const store = new RateStore(now);
  feed(store, counters(10, 11, [{ ...tcp, direction: 1, packets: 7, bytes: 1 }]));
  feed(store, counters(20, 21, [{ ...tcp, direction: 1, packets: 9, bytes: 1 }]));
  expect(store.snapshot()).toMatchObject({ times: [11, 20, 21], known: [true, false, true] });
  expect(store.series({ interfaces: [2], classes: [0], directions: [1], measure: "packets" })).toEqual([7, null, 9]);
});

test("a late or repeated interval counts nothing twice, and a reboot starts over", () => {
  const store = new RateStore(now);
  feed(store, counters(10, 11, [{ ...tcp, direction: 1, packets: 7, bytes: 1 }]));
  feed(store, counters(8, 9, [{ ...tcp, direction: 1, packets: 7, bytes: 1 }]));
  expect(store.snapshot().times).toEqual([11]);
  feed(store, counters(1, 2, [{ ...tcp, direction: 1, packets: 3, bytes: 1 }], "00000000-0000-4000-8000-000000000001"));
  expect(store.snapshot().times).toEqual([2]);
});

test("keeps the last seconds only, without traces of those before", () => {
  const store = new RateStore(now, 3);
  for (let t = 0; t < 7; t++) feed(store, counters(t, t + 1, t === 6 ? [] : [{ ...tcp, direction: 1, packets: t, bytes: 1 }]));
  expect(store.snapshot().times).toEqual([5, 6, 7]);
  expect(store.series({ interfaces: [2], classes: [0], directions: [1], measure: "packets" })).toEqual([4, 5, 0]);
});

test("stored seconds come before the live ones, never over them", () => {
  const store = new RateStore(now, 5);
  const past = (time: number, packets: number) => ({ time, rows: [{ ...tcp, direction: 1 as const, packets, bytes: 0 }] });
  feed(store, counters(10, 11, [{ ...tcp, direction: 1, packets: 7, bytes: 1 }]));
  feed(store, counters(11, 12, [{ ifindex: 3, cls: 0, direction: 1, packets: 8, bytes: 1 }]));
  store.prepend([past(7, 1), past(8, 2), past(9, 3), past(10, 4), past(11, 99)], BOOT);
  expect(store.snapshot()).toMatchObject({ times: [8, 9, 10, 11, 12], interfaces: [2, 3] });
  expect(store.series({ interfaces: [2], classes: [0], directions: [1], measure: "packets" })).toEqual([2, 3, 4, 7, 0]);
  store.prepend([past(1, 1)], BOOT);
  expect(store.snapshot().times).toEqual([8, 9, 10, 11, 12]);
  feed(store, counters(12, 13, [{ ...tcp, direction: 1, packets: 5, bytes: 1 }]));
  expect(store.series({ interfaces: [2, 3], classes: [0], directions: [1], measure: "packets" })).toEqual([3, 4, 7, 8, 5]);
});

test("stored seconds are there before any live one, and stay when the host is heard again", () => {
  const store = new RateStore(now, 5);
  store.prepend([{ time: 9, rows: [{ ...tcp, direction: 1, packets: 3, bytes: 0 }] }], BOOT);
  feed(store, counters(9, 10, [{ ...tcp, direction: 1, packets: 4, bytes: 1 }]));
  store.prepend([{ time: 8, rows: [] }], "00000000-0000-4000-8000-000000000000");
  expect(store.snapshot().times).toEqual([9, 10]);
});
