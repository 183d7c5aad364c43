/**
 * The commonest kinds of frame: what is known of their bytes once the parser has named the kind
 * (enum sonde_shape in include/engine.h). A filter asked about such a frame need not ask again.
 */
export type Shape = {
  /** Known bits of a byte at an offset: [offset, mask, value]. */
  readonly bytes: readonly (readonly [offset: number, mask: number, value: number])[];
  /** The frame has at least so many bytes here. */
  readonly capLen: number;
};

/** Nothing is known. */
export const ANY_FRAME: Shape = { bytes: [], capLen: 0 };

/** Untagged Ethernet, IPv4 without options, whole datagram: RFC 791. */
const ipv4 = (protocol: number, capLen: number): Shape => ({
  bytes: [
    [12, 0xff, 0x08],
    [13, 0xff, 0x00],
    [14, 0xff, 0x45],
    [20, 0x3f, 0],
    [21, 0xff, 0],
    [23, 0xff, protocol],
  ],
  capLen,
});

/** Untagged Ethernet, IPv6 without extension headers: RFC 8200. */
const ipv6 = (protocol: number, capLen: number): Shape => ({
  bytes: [
    [12, 0xff, 0x86],
    [13, 0xff, 0xdd],
    [14, 0xf0, 0x60],
    [20, 0xff, protocol],
  ],
  capLen,
});

/** By number; shape 0 is any other frame. */
export const shapes: ReadonlyMap<number, Shape> = new Map([
  [1, ipv4(6, 54)],
  [2, ipv4(17, 42)],
  [3, ipv6(6, 74)],
  [4, ipv6(17, 62)],
]);
