const ROUNDS = 10;
const BLOCK = 16;

/** FIPS 197 5.1.1: the inverse in GF(2^8), then an affine map. */
const sbox: Uint8Array = makeSbox();

function makeSbox(): Uint8Array {
  const made = new Uint8Array(256);
  let [p, q] = [1, 1]; // each step: p times 3, q divided by 3, so that q stays the inverse of p
  do {
    p = (p ^ (p << 1) ^ (p & 0x80 ? 0x11b : 0)) & 0xff;
    q ^= q << 1;
    q ^= q << 2;
    q ^= q << 4;
    q &= 0xff;
    if (q & 0x80) q ^= 0x09;
    made[p] = q ^ turn(q, 1) ^ turn(q, 2) ^ turn(q, 3) ^ turn(q, 4) ^ 0x63;
  } while (p !== 1);
  made[0] = 0x63;
  return made;
}

function turn(byte: number, by: number): number {
  return ((byte << by) | (byte >> (8 - by))) & 0xff;
}

const double = (byte: number): number => ((byte << 1) ^ (byte & 0x80 ? 0x1b : 0)) & 0xff;

/** Substitution and the mixing of a column in one step: what a byte adds to its column, by the row that it stands in. */
const row0: Uint32Array = Uint32Array.from(sbox, (s) => (double(s) << 24) | (s << 16) | (s << 8) | (double(s) ^ s));
const row1: Uint32Array = row0.map((word) => (word >>> 8) | (word << 24));
const row2: Uint32Array = row0.map((word) => (word >>> 16) | (word << 16));
const row3: Uint32Array = row0.map((word) => (word >>> 24) | (word << 8));

const substituted = (index: number): number => sbox[index & 0xff] ?? 0;

/** The round keys of a 16-byte key, as 44 words (FIPS 197 5.2). */
export function expandKey(key: Uint8Array): Uint32Array {
  const words = new Uint32Array(4 * (ROUNDS + 1));
  const view = new DataView(key.buffer, key.byteOffset, BLOCK);
  for (let i = 0; i < 4; i++) words[i] = view.getUint32(i * 4);
  let round = 1;
  for (let i = 4; i < words.length; i++) {
    let word = words[i - 1] ?? 0;
    if (i % 4 === 0) {
      word = (substituted(word >>> 16) << 24) | (substituted(word >>> 8) << 16) | (substituted(word) << 8) | substituted(word >>> 24);
      word ^= round << 24;
      round = double(round);
    }
    words[i] = (words[i - 4] ?? 0) ^ word;
  }
  return words;
}

/** AES-128 of the block at `from` of `input`, to `to` of `output` (FIPS 197 5.1). */
export function encryptBlock(keys: Uint32Array, input: DataView, from: number, output: DataView, to: number): void {
  let a = input.getUint32(from) ^ (keys[0] ?? 0);
  let b = input.getUint32(from + 4) ^ (keys[1] ?? 0);
  let c = input.getUint32(from + 8) ^ (keys[2] ?? 0);
  let d = input.getUint32(from + 12) ^ (keys[3] ?? 0);
  for (let at = 4; at < 4 * ROUNDS; at += 4) {
    const e = column(a, b, c, d) ^ (keys[at] ?? 0);
    const f = column(b, c, d, a) ^ (keys[at + 1] ?? 0);
    const g = column(c, d, a, b) ^ (keys[at + 2] ?? 0);
    d = column(d, a, b, c) ^ (keys[at + 3] ?? 0);
    a = e;
    b = f;
    c = g;
  }
  output.setUint32(to, last(a, b, c, d) ^ (keys[40] ?? 0));
  output.setUint32(to + 4, last(b, c, d, a) ^ (keys[41] ?? 0));
  output.setUint32(to + 8, last(c, d, a, b) ^ (keys[42] ?? 0));
  output.setUint32(to + 12, last(d, a, b, c) ^ (keys[43] ?? 0));
}

/** A column after one round: each of its rows comes from another column. */
function column(a: number, b: number, c: number, d: number): number {
  return (row0[a >>> 24] ?? 0) ^ (row1[(b >>> 16) & 0xff] ?? 0) ^ (row2[(c >>> 8) & 0xff] ?? 0) ^ (row3[d & 0xff] ?? 0);
}

/** The last round mixes no columns. */
function last(a: number, b: number, c: number, d: number): number {
  return (substituted(a >>> 24) << 24) | (substituted(b >>> 16) << 16) | (substituted(c >>> 8) << 8) | substituted(d);
}

/** Opens what AES-128-GCM sealed (NIST SP 800-38D 7.2) with a 12-byte nonce, without its tag; whether that fits is not looked at. */
export function openUnchecked(key: Uint8Array, nonce: Uint8Array, text: Uint8Array): Uint8Array {
  const keys = expandKey(key);
  const counter = new DataView(new ArrayBuffer(BLOCK));
  new Uint8Array(counter.buffer).set(nonce);
  const stream = new Uint8Array(Math.ceil(text.length / BLOCK) * BLOCK);
  const view = new DataView(stream.buffer);
  for (let at = 0; at < text.length; at += BLOCK) {
    counter.setUint32(12, 2 + at / BLOCK);
    encryptBlock(keys, counter, 0, view, at);
  }
  for (let i = 0; i < text.length; i++) stream[i] = (stream[i] ?? 0) ^ (text[i] ?? 0);
  return stream.subarray(0, text.length);
}
