import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tcpOptions } from "./tcp-options.ts";

/** A TCP header with these options, `before` bytes into the packet. */
function header(options: string, { words, before = 0 }: { words?: number; before?: number } = {}): DataView {
  const bytes = new Uint8Array(before + 20 + options.length / 2);
  bytes[before + 12] = (words ?? Math.ceil((20 + options.length / 2) / 4)) << 4;
  bytes.set(Buffer.from(options, "hex"), before + 20);
  return new DataView(bytes.buffer);
}

describe("tcpOptions", () => {
  it("reads what a SYN says", () => {
    expect(tcpOptions(header("020405b40402080a000000010000000201030307", { before: 34 }), 34)).toEqual({
      mss: 1460,
      sackPermitted: true,
      timestamp: { value: 1, echo: 2 },
      windowScale: 7,
    });
  });
  it("reads blocks received out of order, and takes an option's last word", () => {
    expect(tcpOptions(header("0101051200000001000000020000000300000004"), 0)).toEqual({
      sack: [
        [1, 2],
        [3, 4],
      ],
    });
    expect(tcpOptions(header("0204000102040002"), 0)).toEqual({ mss: 2 });
  });
  it("stops at the end of options, at a length that cannot be, and where the capture or the header ends", () => {
    expect(tcpOptions(header("00020405b4"), 0)).toEqual({});
    expect(tcpOptions(header("fe00020405b40000"), 0)).toEqual({});
    expect(tcpOptions(header("fe01020405b40000"), 0)).toEqual({});
    expect(tcpOptions(header("020405b4", { words: 5 }), 0)).toEqual({});
    expect(tcpOptions(header("020405", { words: 6 }), 0)).toEqual({});
    expect(tcpOptions(new DataView(new ArrayBuffer(19)), 0)).toEqual({});
  });
  it("takes no option of another length than its kind has", () => {
    expect(tcpOptions(header("0203ff03027f04030508060000000001"), 0)).toEqual({});
  });
  it("never reads outside of the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(90), (bytes, at) => {
        const { sack = [] } = tcpOptions(new DataView(bytes.buffer), at);
        expect(sack.length).toBeLessThanOrEqual(4);
      }),
      { numRuns: 5000 },
    );
  });
});
