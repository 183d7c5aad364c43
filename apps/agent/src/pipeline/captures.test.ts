import { BATCH_HEADER_BYTES, BatchKind, type FiltersMessage, checkBatch, frameBatch, headerAt, recordAt, viewOf } from "@sonde/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chooseSeed } from "../../../../test/support/random.ts";
import { Captures } from "./captures.ts";

const seed = chooseSeed(process.env["SONDE_SEED"]);
const RECORD_BYTES = 96;
type Given = { readonly selected: bigint; readonly tsNs?: number; readonly capLen?: number; readonly tunnel?: boolean };

function batchOf(set: number, records: readonly Given[]): Uint8Array {
  const sizes = records.map(({ capLen = 8, tunnel = false }) => RECORD_BYTES + Math.ceil(capLen / 8) * 8 + (tunnel ? 48 : 0));
  const bodyLen = sizes.reduce((sum, each) => sum + each, 0);
  const bytes = new Uint8Array(BATCH_HEADER_BYTES + bodyLen);
  const view = viewOf(bytes);
  const times = records.map(({ tsNs = 1 }) => BigInt(tsNs));
  const frame = { kind: BatchKind.records, count: records.length, bodyLen, firstNs: times[0] ?? 0n, lastNs: times.at(-1) ?? 0n };
  frameBatch(view, frame);
  view.setUint32(headerAt.filterSet, set, true);
  let at = BATCH_HEADER_BYTES;
  for (const [i, { selected, tsNs = 1, capLen = 8, tunnel = false }] of records.entries()) {
    bytes.fill(i + 1, at + RECORD_BYTES, at + RECORD_BYTES + capLen);
    if (tunnel) {
      bytes.fill(200 + i, at + (sizes[i] ?? 0) - 48, at + (sizes[i] ?? 0) - 8);
      view.setUint8(at + (sizes[i] ?? 0) - 4, 1);
      view.setUint8(at + recordAt.flags, 0x40);
    }
    view.setUint16(at + recordAt.recLen, sizes[i] ?? 0, true);
    view.setUint16(at + recordAt.capLen, capLen, true);
    view.setUint32(at + recordAt.wireLen, capLen, true);
    view.setBigUint64(at + recordAt.tsNs, BigInt(tsNs), true);
    view.setBigUint64(at + recordAt.matched, selected, true);
    view.setBigUint64(at + recordAt.selected, selected, true);
    view.setUint8(at + recordAt.direction, 1);
    at += sizes[i] ?? 0;
  }
  return bytes;
}

/** Of each record: what selects it, and when it was made. */
function recordsOf(batch: Uint8Array): { readonly selected: bigint; readonly tsNs: bigint }[] {
  const view = viewOf(batch);
  const found = [];
  for (let at = BATCH_HEADER_BYTES; at < batch.byteLength; at += view.getUint16(at + recordAt.recLen, true))
    found.push({ selected: view.getBigUint64(at + recordAt.selected, true), tsNs: view.getBigUint64(at + recordAt.tsNs, true) });
  return found;
}

const id = (name: string): string => `00000000-0000-4000-8000-${name.padStart(12, "0")}`;
type Asked = {
  readonly name?: string;
  readonly snaplen?: number;
  readonly untilNs?: number;
  readonly maxPackets?: number;
  readonly maxBytes?: number;
};

function setOf(number: number, filters: readonly Asked[]): FiltersMessage {
  return {
    type: "filters",
    number,
    filters: filters.map(({ name, snaplen = 256, untilNs = 1e15, maxPackets = 1e9, maxBytes = 1e12 }) => {
      const capture = { untilNs: `${untilNs}`, maxPackets: `${maxPackets}`, maxBytes: `${maxBytes}` };
      const filter = { id: "x", expression: "", ethernet: [], raw: [], sampleN: 1, snaplen };
      return name === undefined ? filter : { ...filter, capture: { id: id(name), ...capture } };
    }),
  };
}

function rig() {
  const clock = { nowNs: 0 };
  let timer: { readonly ms: number; readonly run: () => void } | null = null;
  let endings = 0;
  const captures = new Captures({
    bootNs: () => BigInt(clock.nowNs),
    after: (ms, run) => {
      timer = { ms, run };
      return () => (timer = null);
    },
    onEnded: () => endings++,
  });
  const hold = (message: FiltersMessage): void => {
    captures.expect(message);
    captures.inForce(message);
  };
  const told = () => captures.status((asked) => Math.min(asked, 128)).map(({ ended, packets, bytes }) => `${ended} ${packets} ${bytes}`);
  return { clock, captures, hold, told, timer: () => timer, endings: () => endings };
}

describe(`captures end by themselves (SONDE_SEED=${seed})`, () => {
  test("a batch of a set without captures is not looked at", () => {
    const { captures, hold } = rig();
    hold(setOf(3, [{}]));
    const batch = batchOf(3, [{ selected: 1n }]);
    expect(captures.cut(batch, 1)).toEqual({ batch, records: 1, dropped: 0 });
  });

  test("before the record that would exceed the packets; the other filter keeps its bit, and what nobody selects goes", () => {
    const { captures, hold, told, endings } = rig();
    const set = setOf(3, [{}, { name: "a", maxPackets: 2 }]);
    hold(set);
    const masks = [2n, 1n, 3n, 3n, 2n];
    const given = batchOf(
      3,
      masks.map((selected, i) => ({ selected, tsNs: i + 1 })),
    );
    const { batch, records, dropped } = captures.cut(given, 5);
    expect([records, dropped, endings()]).toEqual([4, 1, 1]);
    expect(recordsOf(batch)).toEqual([2n, 1n, 3n, 1n].map((selected, i) => ({ selected, tsNs: BigInt(i + 1) })));
    expect(checkBatch(viewOf(batch))).toMatchObject({ ok: true });
    expect(told()).toEqual(["packets 2 16"]);
    expect(captures.hasEnded(set.filters[1]!)).toBe(true);
    expect(captures.hasEnded(set.filters[0]!)).toBe(false);
  });

  test("before the record that would exceed the bytes, also behind bit 32; a batch of which nothing is left is empty", () => {
    const { captures, hold, told } = rig();
    hold(setOf(3, [...Array.from({ length: 40 }, () => ({})), { name: "a", maxBytes: 100 }]));
    const of = (...lengths: number[]) =>
      batchOf(
        3,
        lengths.map((capLen) => ({ selected: 1n << 40n, capLen })),
      );
    expect(captures.cut(of(60, 40), 2)).toMatchObject({ records: 2, dropped: 0 });
    expect(told()).toEqual(["null 2 100"]);
    expect(captures.cut(of(1, 1), 2)).toMatchObject({ records: 0, dropped: 2 });
    expect(told()).toEqual(["bytes 2 100"]);
  });

  test("of a packet that another wants more of, it counts the bytes it asks for", () => {
    const { captures, hold, told } = rig();
    hold(setOf(3, [{ name: "a", snaplen: 64, maxBytes: 130 }, { snaplen: 1500 }]));
    const given = [400, 2, 400, 400].map((capLen) => ({ selected: 3n, capLen }));
    expect(captures.cut(batchOf(3, given), 4)).toMatchObject({ records: 4, dropped: 0 });
    expect(told()).toEqual(["bytes 3 130"]);
  });

  test("a record that others select goes on with the bytes they ask for, and what a tunnel carries stays behind them", () => {
    const { captures, hold } = rig();
    hold(setOf(3, [{ snaplen: 21 }, { snaplen: 60 }, { name: "a", snaplen: 4096, maxPackets: 1 }]));
    const given = batchOf(3, [
      { selected: 5n, capLen: 200 },
      { selected: 5n, capLen: 200, tunnel: true },
      { selected: 7n, capLen: 100 },
      { selected: 6n, capLen: 30, tunnel: true },
    ]);
    const { batch, records, dropped } = captures.cut(given, 4);
    expect([records, dropped, checkBatch(viewOf(batch)).ok]).toEqual([4, 0, true]);
    const wanted = batchOf(3, [
      { selected: 5n, capLen: 200 },
      { selected: 1n, capLen: 21, tunnel: true },
      { selected: 3n, capLen: 60 },
      { selected: 2n, capLen: 30, tunnel: true },
    ]);
    const view = viewOf(batch);
    for (let [at, i] = [BATCH_HEADER_BYTES, 0]; at < batch.byteLength; at += view.getUint16(at + recordAt.recLen, true), i++) {
      view.setBigUint64(at + recordAt.matched, view.getBigUint64(at + recordAt.selected, true), true);
      view.setUint32(at + recordAt.wireLen, view.getUint16(at + recordAt.capLen, true), true);
    }
    expect(Buffer.from(batch).toString("hex")).toBe(Buffer.from(wanted).toString("hex"));
  });

  test("at its time by the timer, and no record made after it counts", () => {
    const { captures, hold, told, clock, timer, endings } = rig();
    hold(setOf(3, [{ name: "a", untilNs: 5e9 }]));
    expect(timer()?.ms).toBe(5000);
    const late = batchOf(3, [
      { selected: 1n, tsNs: 5e9 - 1 },
      { selected: 1n, tsNs: 5e9 },
    ]);
    clock.nowNs = 4.9e9;
    timer()?.run();
    expect([told(), endings()]).toEqual([["null 0 0"], 0]);
    clock.nowNs = 5e9;
    timer()?.run();
    expect([told(), endings(), timer()]).toEqual([["time 0 0"], 1, null]);
    expect(captures.cut(late, 2)).toMatchObject({ records: 0, dropped: 2 });
  });

  test("it goes on in a set with other filters, also ended; one that is missing there is stopped, and its last records count", () => {
    const { captures, hold, told, clock } = rig();
    hold(
      setOf(3, [
        { name: "a", maxPackets: 3 },
        { name: "b", untilNs: 5e9 },
      ]),
    );
    captures.cut(batchOf(3, [{ selected: 1n }, { selected: 2n }]), 2);
    const next = setOf(4, [{}, { name: "a", maxPackets: 3 }]);
    captures.expect(next);
    captures.cut(batchOf(4, [{ selected: 2n }]), 1); // before it is known to be in force
    captures.inForce(next);
    expect(told()).toEqual(["null 2 16", "stopped 1 8"]);
    captures.cut(batchOf(3, [{ selected: 2n }, { selected: 1n }]), 2);
    expect(told()).toEqual(["packets 3 24", "stopped 2 16"]);
    clock.nowNs = 6e9;
    captures.expire();
    hold(setOf(5, [{ name: "a", maxPackets: 3 }]));
    expect(told()).toEqual(["packets 3 24", "stopped 2 16"]);
    expect(captures.cut(batchOf(5, [{ selected: 1n }]), 1)).toMatchObject({ dropped: 1 });
    for (let number = 6; number < 30; number++) hold(setOf(number, [{ name: `${number}` }]));
    expect(told()).toEqual(["null 0 0", ...Array.from({ length: 16 }, () => "stopped 0 0")]);
  });

  test("one whose time has passed before it came ends at once", () => {
    const { captures, hold, clock } = rig();
    clock.nowNs = 9e9;
    const set = setOf(3, [{ name: "a", untilNs: 5e9 }]);
    hold(set);
    expect(captures.hasEnded(set.filters[0]!)).toBe(true);
    expect(captures.status((asked) => Math.min(asked, 128))).toEqual([
      { id: id("a"), ended: "time", packets: "0", bytes: "0", snaplen: 128 },
    ]);
  });

  test("of any batches no more leaves than the limits say, and what leaves is sound", () => {
    const given = fc.array(
      fc.array(fc.record({ selected: fc.bigInt({ min: 1n, max: 15n }), capLen: fc.nat(200), tsNs: fc.nat(2000) }), {
        minLength: 1,
        maxLength: 20,
      }),
      { maxLength: 10 },
    );
    fc.assert(
      fc.property(given, fc.nat(30), fc.nat(3000), fc.nat(2000), (batches, maxPackets, maxBytes, untilNs) => {
        const { captures, hold } = rig();
        hold(setOf(3, [{}, { name: "a", maxPackets }, { name: "b", maxBytes }, { name: "c", untilNs }]));
        const left = { a: 0, b: 0, c: 0, records: 0, dropped: 0 };
        for (const records of batches) {
          const cut = captures.cut(batchOf(3, records), records.length);
          expect(checkBatch(viewOf(cut.batch)).ok).toBe(true);
          const view = viewOf(cut.batch);
          for (let at = BATCH_HEADER_BYTES; at < cut.batch.byteLength; at += view.getUint16(at + recordAt.recLen, true)) {
            const selected = view.getUint32(at + recordAt.selected, true);
            expect(selected).not.toBe(0);
            if (selected & 2) left.a++;
            if (selected & 4) left.b += view.getUint16(at + recordAt.capLen, true);
            if (selected & 8) left.c = Math.max(left.c, Number(view.getBigUint64(at + recordAt.tsNs, true)) + 1);
          }
          left.records += cut.records;
          left.dropped += cut.dropped;
        }
        expect(left.records + left.dropped).toBe(batches.flat().length);
        expect(left.a).toBeLessThanOrEqual(maxPackets);
        expect(left.b).toBeLessThanOrEqual(maxBytes);
        expect(left.c).toBeLessThanOrEqual(untilNs);
      }),
      { seed, numRuns: 300 },
    );
  });
});
