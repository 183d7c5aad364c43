/** As the kernel's parser: at most so many extension headers. */
const MAX_EXTENSIONS = 8;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
/** Hop-by-hop, routing, destination options, mobility, HIP, Shim6: RFC 8200 section 4.8 and IANA's registry. */
const inEightBytes = new Set([0, 43, 60, 135, 139, 140]);

const isVersion6 = (bytes: DataView, at: number): boolean => bytes.getUint8(at) >> 4 === 6;

/**
 * Offset of the transport header behind the IP header at `at`, where the kernel has found `protocol` behind
 * all extension headers. Null when the captured bytes end before it, or do not lead to that protocol.
 */
export function transportAt(bytes: DataView, at: number, protocol: number): number | null {
  if (at + 20 > bytes.byteLength) return null;
  if (!isVersion6(bytes, at)) return at + (bytes.getUint8(at) & 15) * 4;
  let next = bytes.getUint8(at + 6);
  let end = at + 40;
  for (let i = 0; next !== protocol && i < MAX_EXTENSIONS && end + 8 <= bytes.byteLength; i++) {
    const size = extensionBytes(next, bytes.getUint8(end + 1));
    if (size === null) return null;
    next = bytes.getUint8(end);
    end += size;
  }
  return next === protocol ? end : null;
}

/** Null for what is no extension header. */
function extensionBytes(kind: number, length: number): number | null {
  if (kind === FRAGMENT) return 8;
  if (kind === AUTHENTICATION) return (length + 2) * 4; // RFC 4302 section 2.2
  return inEightBytes.has(kind) ? (length + 1) * 8 : null;
}

/** Offset at which the IP packet at `at` ends, at most `frameEnd`: short frames are padded behind it. */
export function packetEnd(bytes: DataView, at: number, frameEnd: number): number {
  if (at + 6 > bytes.byteLength) return frameEnd;
  const v6 = isVersion6(bytes, at);
  const said = bytes.getUint16(at + (v6 ? 4 : 2));
  // 0 in a frame that is yet to be segmented (BIG TCP).
  return said === 0 ? frameEnd : Math.min(frameEnd, at + said + (v6 ? 40 : 0));
}
