/** What the options of a TCP header say; of an option that comes twice the last, but of SACK all blocks. */
export type TcpOptions = {
  readonly mss?: number;
  /** Bits the window is shifted by, as it stands; more than 14 counts as 14 (RFC 7323 section 2.3). */
  readonly windowScale?: number;
  readonly sackPermitted?: true;
  /** Left and right edges of blocks that were received out of order (RFC 2018). */
  readonly sack?: readonly (readonly [number, number])[];
  readonly timestamp?: { readonly value: number; readonly echo: number };
};

const Kind = { end: 0, nop: 1, mss: 2, windowScale: 3, sackPermitted: 4, sack: 5, timestamp: 8 } as const;
const BLOCK_BYTES = 8;

/**
 * Reads the options of the TCP header at `at`, as far as they were captured (RFC 9293 section 3.2, RFC 7323,
 * RFC 2018); an option of another length than its kind has is none. Not done in the kernel: it would cost every
 * packet a loop, for what is shown of recorded ones only.
 */
export function tcpOptions(bytes: DataView, at: number): TcpOptions {
  const found: { -readonly [K in keyof TcpOptions]: TcpOptions[K] } = {};
  if (at + 20 > bytes.byteLength) return found;
  const end = Math.min(bytes.byteLength, at + (bytes.getUint8(at + 12) >> 4) * 4);
  for (let next = at + 20; next < end;) {
    const kind = bytes.getUint8(next);
    if (kind === Kind.end) break;
    if (kind === Kind.nop) {
      next++;
      continue;
    }
    const length = next + 1 < end ? bytes.getUint8(next + 1) : 0;
    if (length < 2 || next + length > end) break;
    const body = next + 2;
    if (kind === Kind.mss && length === 4) found.mss = bytes.getUint16(body);
    if (kind === Kind.windowScale && length === 3) found.windowScale = bytes.getUint8(body);
    if (kind === Kind.sackPermitted && length === 2) found.sackPermitted = true;
    if (kind === Kind.sack && length > 2 && (length - 2) % BLOCK_BYTES === 0)
      found.sack = [...(found.sack ?? []), ...blocks(bytes, body, (length - 2) / BLOCK_BYTES)];
    if (kind === Kind.timestamp && length === 10) found.timestamp = { value: bytes.getUint32(body), echo: bytes.getUint32(body + 4) };
    next += length;
  }
  return found;
}

function blocks(bytes: DataView, at: number, count: number): readonly (readonly [number, number])[] {
  return Array.from(
    { length: count },
    (_, i) => [bytes.getUint32(at + i * BLOCK_BYTES), bytes.getUint32(at + i * BLOCK_BYTES + 4)] as const,
  );
}
