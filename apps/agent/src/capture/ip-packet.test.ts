import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packetEnd, transportAt } from "./ip-packet.ts";

const view = (hex: string): DataView => new DataView(Uint8Array.from(Buffer.from(hex, "hex")).buffer);
const ipv6 = (next: string, payload: string): DataView => view(`60000000${"0".repeat(4)}${next}40${"0".repeat(64)}${payload}`);

describe("transportAt", () => {
  it("stands behind the options of IPv4", () => {
    expect(transportAt(view(`46${"0".repeat(46)}`), 0, 6)).toBe(24);
    expect(transportAt(view(`00${"45"}${"0".repeat(38)}`), 1, 6)).toBe(21);
  });
  it("stands behind the extension headers of IPv6", () => {
    expect(transportAt(ipv6("06", ""), 0, 6)).toBe(40);
    const options = `3c00${"0".repeat(12)}`; // then destination options, 16 bytes, then an authentication header of 12, then TCP
    expect(transportAt(ipv6("00", `${options}3301${"0".repeat(28)}0601${"0".repeat(20)}`), 0, 6)).toBe(76);
  });
  it("is unknown where the bytes end or lead elsewhere", () => {
    expect(transportAt(ipv6("00", "0600"), 0, 6)).toBeNull();
    expect(transportAt(ipv6("11", ""), 0, 6)).toBeNull();
    expect(transportAt(view("45"), 0, 6)).toBeNull();
  });
  it("never reads outside of the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.nat(130), fc.nat(255), (bytes, at, protocol) => {
        const all = new DataView(bytes.buffer);
        transportAt(all, at, protocol);
        expect(packetEnd(all, at, 100)).toBeLessThanOrEqual(100);
      }),
      { numRuns: 5000 },
    );
  });
});

describe("packetEnd", () => {
  it("is where the packet says, within the frame; the frame's end when it says nothing", () => {
    expect(packetEnd(view("45000028000000"), 0, 60)).toBe(40);
    expect(packetEnd(view("45000028000000"), 0, 30)).toBe(30);
    expect(packetEnd(view("60000000000000"), 0, 70_000)).toBe(70_000);
    expect(packetEnd(view("60000000000800"), 0, 60)).toBe(48);
  });
});
