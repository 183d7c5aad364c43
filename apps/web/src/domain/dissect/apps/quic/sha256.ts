const BLOCK = 64;

const primes = firstPrimes(64);
const fraction = (value: number): number => ((value % 1) * 2 ** 32) >>> 0;
/** FIPS 180-4 4.2.2 and 5.3.3: of the cube and square roots of the first primes. */
const constants = Uint32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
const initial = Uint32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

function firstPrimes(count: number): readonly number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n);
  return found;
}

const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

/** Goes on from `state` over what follows `before` bytes, to the digest (FIPS 180-4 6.2). */
function digest(state: Uint32Array, message: Uint8Array, before: number): Uint8Array {
  const padded = new Uint8Array(Math.ceil((message.length + 9) / BLOCK) * BLOCK);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, (before + message.length) * 8);
  for (let at = 0; at < padded.length; at += BLOCK) compress(state, view, at);
  const out = new DataView(new ArrayBuffer(32));
  for (let i = 0; i < 8; i++) out.setUint32(i * 4, state[i] ?? 0);
  return new Uint8Array(out.buffer);
}

function compress(state: Uint32Array, view: DataView, at: number): void {
  const w = new Uint32Array(64);
  for (let i = 0; i < 16; i++) w[i] = view.getUint32(at + i * 4);
  for (let i = 16; i < 64; i++) {
    const a = w[i - 15] ?? 0;
    const b = w[i - 2] ?? 0;
    const s0 = rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3);
    const s1 = rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10);
    w[i] = (w[i - 16] ?? 0) + s0 + (w[i - 7] ?? 0) + s1;
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let i = 0; i < 64; i++) {
    const t1 = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + (constants[i] ?? 0) + (w[i] ?? 0)) | 0;
    const t2 = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  const result = [a, b, c, d, e, f, g, h];
  for (let i = 0; i < 8; i++) state[i] = (state[i] ?? 0) + (result[i] ?? 0);
}

/**
 * HMAC with SHA-256 (RFC 2104) under a key no longer than a block, for any number of messages. All at once: what the
 * browser has of its own can only be waited for.
 */
export function hmacUnder(key: Uint8Array): (message: Uint8Array) => Uint8Array {
  const started = (byte: number): Uint32Array => {
    const state = Uint32Array.from(initial);
    const pad = Uint8Array.from({ length: BLOCK }, (_, i) => (key[i] ?? 0) ^ byte);
    compress(state, new DataView(pad.buffer), 0);
    return state;
  };
  const [inner, outer] = [started(0x36), started(0x5c)];
  return (message) => digest(outer.slice(), digest(inner.slice(), message, BLOCK), BLOCK);
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
