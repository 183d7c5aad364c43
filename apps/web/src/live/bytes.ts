/** Socket.IO hands binary over as ArrayBuffer in browsers and as Uint8Array (Buffer) in Node; anything else is null. */
export function asBytes(raw: unknown): Uint8Array | null {
  if (raw instanceof Uint8Array) return raw;
  return raw instanceof ArrayBuffer ? new Uint8Array(raw) : null;
}
