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

/** The round keys of a 16-byte key (FIPS 197 5.2). */
export function expandKey(key: Uint8Array): Uint8Array {
  const keys = new Uint8Array(BLOCK * (ROUNDS + 1));
  keys.set(key);
  let round = 1;
  for (let at = BLOCK; at < keys.length; at += 4) {
    let word = Array.from(keys.subarray(at - 4, at));
    if (at % BLOCK === 0) {
      word = [1, 2, 3, 0].map((i) => sbox[word[i] ?? 0] ?? 0);
      word[0] = (word[0] ?? 0) ^ round;
      round = double(round);
    }
    for (let i = 0; i < 4; i++) keys[at + i] = (keys[at + i - BLOCK] ?? 0) ^ (word[i] ?? 0);
  }
  return keys;
}

/** AES-128 of one block (FIPS 197 5.1). */
export function encryptBlock(keys: Uint8Array, block: Uint8Array): Uint8Array {
  let state = Uint8Array.from(block, (byte, i) => byte ^ (keys[i] ?? 0));
  for (let round = 1; round <= ROUNDS; round++) {
    const next = new Uint8Array(BLOCK);
    // bytes of a column come from four columns: substitution and shifting of rows in one step
    for (let i = 0; i < BLOCK; i++) next[i] = sbox[state[(i + (i % 4) * 4) % BLOCK] ?? 0] ?? 0;
    if (round < ROUNDS) mixColumns(next);
    for (let i = 0; i < BLOCK; i++) next[i] = (next[i] ?? 0) ^ (keys[round * BLOCK + i] ?? 0);
    state = next;
  }
  return state;
}

function mixColumns(state: Uint8Array): void {
  for (let at = 0; at < BLOCK; at += 4) {
    const [a = 0, b = 0, c = 0, d = 0] = state.subarray(at, at + 4);
    const all = a ^ b ^ c ^ d;
    state[at] = a ^ all ^ double(a ^ b);
    state[at + 1] = b ^ all ^ double(b ^ c);
    state[at + 2] = c ^ all ^ double(c ^ d);
    state[at + 3] = d ^ all ^ double(d ^ a);
  }
}

/** AES-128-GCM (NIST SP 800-38D) with a 12-byte nonce; null where the tag, the last 16 bytes, is not that of the rest. */
export function openGcm(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | null {
  const keys = expandKey(key);
  const counter = new Uint8Array(BLOCK);
  counter.set(nonce);
  const view = new DataView(counter.buffer);
  const keystream = (count: number): Uint8Array => {
    view.setUint32(12, count);
    return encryptBlock(keys, counter);
  };
  const text = sealed.subarray(0, sealed.length - BLOCK);
  const hash = ghash(encryptBlock(keys, new Uint8Array(BLOCK)), aad, text);
  const mask = keystream(1);
  for (let i = 0; i < BLOCK; i++) if (((hash[i] ?? 0) ^ (mask[i] ?? 0)) !== sealed[text.length + i]) return null;
  const plain = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += BLOCK) {
    const stream = keystream(2 + at / BLOCK);
    for (let i = at; i < Math.min(at + BLOCK, text.length); i++) plain[i] = (text[i] ?? 0) ^ (stream[i - at] ?? 0);
  }
  return plain;
}

/** SP 800-38D 6.4, over both parts padded to blocks, and their lengths in bits. */
function ghash(subkey: Uint8Array, aad: Uint8Array, text: Uint8Array): Uint8Array {
  const h = new DataView(subkey.buffer, subkey.byteOffset);
  const state = new Uint8Array(BLOCK);
  for (const part of [aad, text]) {
    for (let at = 0; at < part.length; at += BLOCK) {
      for (let i = at; i < Math.min(at + BLOCK, part.length); i++) state[i - at] = (state[i - at] ?? 0) ^ (part[i] ?? 0);
      multiply(state, h);
    }
  }
  const lengths = new DataView(new ArrayBuffer(BLOCK));
  lengths.setUint32(4, aad.length * 8);
  lengths.setUint32(12, text.length * 8);
  for (let i = 0; i < BLOCK; i++) state[i] = (state[i] ?? 0) ^ lengths.getUint8(i);
  multiply(state, h);
  return state;
}

/** Replaces `state` by its product with `h` in GF(2^128) (SP 800-38D 6.3). */
function multiply(state: Uint8Array, h: DataView): void {
  let [v0, v1, v2, v3] = [h.getUint32(0), h.getUint32(4), h.getUint32(8), h.getUint32(12)];
  let [z0, z1, z2, z3] = [0, 0, 0, 0];
  for (const byte of state) {
    for (let bit = 0x80; bit > 0; bit >>= 1) {
      if (byte & bit) [z0, z1, z2, z3] = [z0 ^ v0, z1 ^ v1, z2 ^ v2, z3 ^ v3];
      const odd = v3 & 1;
      v3 = (v3 >>> 1) | (v2 << 31);
      v2 = (v2 >>> 1) | (v1 << 31);
      v1 = (v1 >>> 1) | (v0 << 31);
      v0 = (v0 >>> 1) ^ (odd === 1 ? 0xe1000000 : 0);
    }
  }
  const view = new DataView(state.buffer, state.byteOffset);
  [z0, z1, z2, z3].forEach((word, i) => view.setUint32(i * 4, word));
}
