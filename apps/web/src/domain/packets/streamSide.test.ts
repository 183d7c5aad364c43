import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StreamSide } from "./streamSide.ts";

const text = new TextDecoder();
const said = "Sequence numbers go round at 2^32.";

/** Parts as they came out: what was said, after how many missing bytes. */
function listen(): { side: StreamSide; parts: [gap: number, text: string][] } {
  const parts: [number, string][] = [];
  return { side: new StreamSide((bytes, gap) => parts.push([gap, text.decode(bytes)])), parts };
}

/** Bytes from … to of what was said, of which `captured` are there; the first byte has number `start`. */
function segment(start: number, from: number, to: number, captured = to - from) {
  const bytes = new TextEncoder().encode(said.slice(from, from + captured));
  return { seq: (start + from) >>> 0, syn: false, bytes, length: to - from, row: 0 };
}

describe("one side of a connection", () => {
  it("in order, doubled, overlapping, and round the end of the numbers", () => {
    const { side, parts } = listen();
    const start = 2 ** 32 - 5;
    side.segment({ ...segment(start - 1, 0, 0), syn: true });
    side.segment(segment(start, 0, 4));
    side.segment(segment(start, 0, 4));
    side.segment(segment(start, 2, 9));
    side.segment(segment(start, 16, said.length));
    side.segment(segment(start, 9, 16));
    expect(parts).toEqual([
      [0, said.slice(0, 4)],
      [0, said.slice(4, 9)],
      [0, said.slice(9, 16)],
      [0, said.slice(16)],
    ]);
  });

  it("what was not captured is a gap: once the other side has it, or at the end", () => {
    const { side, parts } = listen();
    side.segment(segment(7, 0, 4));
    side.segment(segment(7, 6, 8));
    expect(parts).toHaveLength(1);
    side.acknowledged(7 + 8);
    side.segment(segment(7, 10, 12));
    side.end();
    expect(parts).toEqual([
      [0, said.slice(0, 4)],
      [2, said.slice(6, 8)],
      [2, said.slice(10, 12)],
    ]);
  });

  it("what the capture cut off a segment is a gap before the next", () => {
    const { side, parts } = listen();
    side.segment(segment(7, 0, 10, 4));
    side.segment(segment(7, 10, 12));
    expect(parts).toEqual([
      [0, said.slice(0, 4)],
      [6, said.slice(10, 12)],
    ]);
  });

  it("any order of segments that hold it all gives it all", () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: said.length - 1 }), { maxLength: 8 });
    fc.assert(
      fc.property(cuts, fc.nat(), fc.array(fc.nat(), { minLength: 9, maxLength: 9 }), (places, start, order) => {
        const ends = [0, ...places.toSorted((a, b) => a - b), said.length];
        const segments = ends.slice(1).map((to, i) => segment(start, ends[i] ?? 0, to));
        const { side, parts } = listen();
        side.segment({ ...segment(start - 1, 0, 0), syn: true });
        for (const { one } of segments.map((one, i) => ({ one, at: order[i] ?? 0 })).sort((a, b) => a.at - b.at)) side.segment(one);
        expect(parts.map(([, part]) => part).join("")).toBe(said);
        expect(parts.every(([gap]) => gap === 0)).toBe(true);
      }),
    );
  });
});
