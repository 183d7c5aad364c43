import { describe, expect, test } from "vitest";
import { blocksOf } from "../test/support/blocks.ts";
import { readAll } from "../test/support/files.ts";

const frame = (length: number): Uint8Array => new Uint8Array(length).map((_, i) => i);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const SECOND = 1_000_000n; // ticks of an interface that does not say its resolution

describe.each([true, false])("pcapng, little-endian %s", (little) => {
  const make = blocksOf(little);
  const head = [make.section(), make.interface(1, 0)];
  const read = (...blocks: readonly Uint8Array[]) => readAll(Buffer.concat(blocks));

  test("obsolete and simple packet blocks", () => {
    const flags = make.number(2, 4);
    const { packets } = read(
      make.section(),
      make.interface(1, 40),
      make.obsolete(0, 5n * SECOND + 7n, frame(33), [
        [1, text("first")],
        [2, flags],
        [1, text("second")],
      ]),
      make.simple(100, frame(40)),
      make.simple(21, frame(21)),
    );
    const nowhere = { interfaceId: 0, seconds: 0, nanoseconds: 0, comments: [], direction: null };
    expect(packets).toEqual([
      { interfaceId: 0, seconds: 5, nanoseconds: 7000, wireLen: 33, bytes: frame(33), comments: ["first", "second"], direction: "out" },
      { ...nowhere, wireLen: 100, bytes: frame(40) },
      { ...nowhere, wireLen: 21, bytes: frame(21) },
    ]);
  });

  test("interfaces number from 0 in each section, and over the file in what is told", () => {
    const other = blocksOf(!little);
    const found = read(
      make.section(),
      make.interface(1, 0, [[2, text("a")]]),
      make.interface(101, 0, [[2, text("b")]]),
      make.enhanced(1, 0n, frame(20)),
      other.section([[4, text("another program")]]),
      other.interface(113, 0, [[2, text("c")]]),
      other.enhanced(0, 0n, frame(16)),
      other.statistics(0, [[5, other.number(9n, 8)]]),
    );
    expect(found.interfaces.map(({ id, linkType, name }) => [id, linkType, name])).toEqual([
      [0, 1, "a"],
      [1, 101, "b"],
      [2, 113, "c"],
    ]);
    expect(found.packets.map(({ interfaceId }) => interfaceId)).toEqual([1, 2]);
    expect(found.statistics.map(({ id, dropped }) => [id, dropped])).toEqual([[2, 9n]]);
    expect(found.sections.map(({ application }) => application)).toEqual([null, "another program"]);
    expect(() => read(...head, make.enhanced(0, 0n, frame(4)), make.section(), make.enhanced(0, 0n, frame(4)))).toThrow(
      "was not described",
    );
  });

  test.each<[resolution: number, offset: bigint, ticks: bigint, seconds: number, nanoseconds: number]>([
    [0, 0n, 1_700_000_000n, 1_700_000_000, 0],
    [3, 0n, 1_700_000_000_123n, 1_700_000_000, 123_000_000],
    [6, 0n, 1_700_000_000_123_456n, 1_700_000_000, 123_456_000],
    [9, 0n, 1_700_000_000_123_456_789n, 1_700_000_000, 123_456_789],
    [9, 0n, 0xffff_ffff_ffff_ffffn, 18_446_744_073, 709_551_615],
    [9, 1_600_000_000n, 100_000_000_123_456_789n, 1_700_000_000, 123_456_789],
    [6, -3600n, 1_700_003_600_000_001n, 1_700_000_000, 1000],
    [12, 0n, 17_000_000_123_456_789_012n, 17_000_000, 123_456_789],
    [0x80, 0n, 77n, 77, 0],
    [0x80 | 1, 0n, 3n, 1, 500_000_000],
    [0x80 | 10, 0n, 1_700_000_000n * 1024n + 512n, 1_700_000_000, 500_000_000],
    [0x80 | 32, 0n, (1_700_000_000n << 32n) | 0x4000_0000n, 1_700_000_000, 250_000_000],
  ])("times of resolution %i and offset %i", (resolution, offset, ticks, seconds, nanoseconds) => {
    const clock = make.interface(1, 0, [
      [9, make.number(resolution, 1)],
      [14, make.number(offset, 8)],
    ]);
    const found = read(make.section(), clock, make.enhanced(0, ticks, frame(4)), make.statistics(0, [[2, make.time(ticks)]]));
    expect(found.packets[0]).toMatchObject({ seconds, nanoseconds });
    const startNs = found.statistics[0]?.startNs ?? 0n;
    expect([startNs / 1_000_000_000n, startNs % 1_000_000_000n]).toEqual([BigInt(seconds), BigInt(nanoseconds)]);
  });

  test("a filter that is a program is none in text; unknown blocks and options are passed over; a cut-off option is none", () => {
    const found = read(
      make.section(),
      make.interface(1, 0, [
        [11, Uint8Array.of(1, 2, 3)],
        [2988, text("custom")],
        [3, text("described")],
      ]),
      make.other(4, frame(17)),
      make.other(0x4000_0bad, frame(9)),
      make.enhanced(0, 0n, frame(3), [[1, text("kept")]]),
      // code 1, length 200, and the block is over
      make.other(
        6,
        Buffer.concat([
          make.number(0, 4),
          make.time(0n),
          make.number(4, 4),
          make.number(4, 4),
          frame(4),
          make.number(1, 2),
          make.number(200, 2),
        ]),
      ),
    );
    expect(found.interfaces[0]).toMatchObject({ filter: null, description: "described", name: null });
    expect(found.packets.map(({ comments }) => comments)).toEqual([["kept"], []]);
  });

  test("what stands before a damaged place is delivered, and the error names the place", () => {
    const good = Buffer.concat([...head, make.enhanced(0, 0n, frame(20)), make.enhanced(0, 0n, frame(20))]);
    const lengths: number[] = [];
    const tail = make.enhanced(0, 0n, frame(60));
    for (const length of [1, 11, tail.length - 1]) {
      const file = Buffer.concat([good, tail.subarray(0, length)]);
      expect(() => readAll(file, undefined, ({ bytes }) => lengths.push(bytes.length))).toThrow(`(at byte ${good.length})`);
    }
    expect(lengths).toEqual([20, 20, 20, 20, 20, 20]);
  });
});
