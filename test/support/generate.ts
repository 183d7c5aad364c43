/**
 * Ethernet frames by chance, of everything the parser knows and much that it does not: tags, fragments,
 * options, extension headers, tunnels, lies in length fields, frames cut at any place, jumbo frames.
 * Addresses and ports come from few values, so that a filter for one of them finds something.
 */
import type { Captured } from "./captures.ts";
import type { Random } from "./random.ts";

export const pool = {
  macs: ["020000000001", "020000000002", "ffffffffffff", "01005e000001", "333300000001"],
  hosts4: ["c0000201", "c6336402", "0a000001", "0a0000ff", "e0000001", "7f000001"],
  hosts6: [
    "20010db8000000000000000000000001",
    "20010db8000000010000000000000002",
    "ff020000000000000000000000000001",
    "fe800000000000000000000000000001",
  ],
  ports: [0, 22, 53, 80, 443, 4789, 6081, 8080, 49_152, 65_535],
  vlans: [0, 1, 100, 4094, 4095],
} as const;

const hex = (text: string): Buffer => Buffer.from(text, "hex");
const u16 = (value: number): Buffer => Buffer.from([(value >> 8) & 255, value & 255]);
const u32 = (value: number): Buffer => Buffer.concat([u16(value >>> 16), u16(value)]);
const join = (...parts: readonly Buffer[]): Buffer => Buffer.concat(parts);

type Made = { readonly type: number; readonly bytes: Buffer };

/** Builds frames; each method draws what it needs, and tunnels nest at most twice. */
class Builder {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  frame(depth = 0): Buffer {
    const r = this.#random;
    const tags = r.pick([0, 0, 0, 1, 1, 2, 3]);
    const head = join(hex(r.pick(pool.macs)), hex(r.pick(pool.macs)));
    const { type, bytes } = this.#network(depth);
    const tagged = Array.from({ length: tags }, () =>
      join(u16(r.pick([0x8100, 0x8100, 0x88a8, 0x9100])), u16(r.pick(pool.vlans) | (r.below(8) << 13))),
    );
    return join(head, ...tagged, u16(r.once(20) ? bytes.length & 0x5ff : type), bytes);
  }

  #network(depth: number): Made {
    const r = this.#random;
    const kind = r.below(20);
    if (kind < 9) return this.#ipv4(depth);
    if (kind < 15) return this.#ipv6(depth);
    switch (kind) {
      case 15:
        return {
          type: r.pick([0x0806, 0x8035]),
          bytes: join(
            hex("0001080006040001"),
            hex(r.pick(pool.macs)),
            hex(r.pick(pool.hosts4)),
            hex(r.pick(pool.macs)),
            hex(r.pick(pool.hosts4)),
          ),
        };
      case 16:
        return { type: r.pick([0x8847, 0x8848]), bytes: join(u32(((r.below(1 << 20) << 12) >>> 0) | 0x1ff), this.#ipv4(depth).bytes) };
      case 17:
        return { type: 0x8864, bytes: join(hex("1100"), u16(r.pick(pool.ports)), u16(40), u16(0x0021), this.#ipv4(depth).bytes) };
      case 18:
        return { type: r.pick([0x8863, 0x88cc, 0x88f7, 0x9000, 0x6003, 0x809b]), bytes: r.bytes(r.below(64)) };
      default:
        return {
          type: 3 + r.below(60),
          bytes: join(hex(r.pick(["424203", "aaaa03000000", "fefe03", "ffff03", "e0e003"])), r.bytes(r.below(64))),
        };
    }
  }

  #ipv4(depth: number): Made {
    const r = this.#random;
    const options = r.once(6) ? r.bytes(4 * r.between(1, 10)) : Buffer.alloc(0);
    const fragment = r.once(8) ? r.pick([0x2000, 0x2001, 100, 0x1fff, 0x4000, 0x8000]) : 0;
    const { type: protocol, bytes } = this.#transport(depth, 4);
    const words = r.once(30) ? r.below(16) : 5 + options.length / 4;
    const version = r.once(40) ? r.below(16) : 4;
    const length = r.once(15) ? r.below(65_536) : 20 + options.length + bytes.length;
    const head = join(
      Buffer.from([(version << 4) | words, r.below(256)]),
      u16(length),
      u16(r.below(65_536)),
      u16(fragment),
      Buffer.from([r.pick([1, 64, 255]), protocol]),
      u16(0),
    );
    return { type: 0x0800, bytes: join(head, hex(r.pick(pool.hosts4)), hex(r.pick(pool.hosts4)), options, bytes) };
  }

  #ipv6(depth: number): Made {
    const r = this.#random;
    const upper = this.#transport(depth, 6);
    let next = upper.type;
    let bytes = upper.bytes;
    for (let left = r.once(4) ? r.between(1, 10) : 0; left > 0; left--) {
      const kind = r.pick([0, 43, 44, 51, 60, 60]);
      const size = kind === 44 ? 8 : 8 * r.between(1, 3);
      const header = r.bytes(size);
      header[0] = next;
      header[1] = kind === 51 ? size / 4 - 2 : size / 8 - 1;
      if (kind === 0 || kind === 60) Buffer.from([1, size - 4, ...Array.from({ length: size - 4 }, () => 0)]).copy(header, 2); // PadN
      if (kind === 43) header.fill(0, 2);
      if (kind === 44) u16(r.pick([0, 0, 1, 8, 0x58, 0x59])).copy(header, 2);
      bytes = join(header, bytes);
      next = kind;
    }
    const length = r.once(15) ? r.below(65_536) : bytes.length;
    const head = join(
      Buffer.from([(r.once(40) ? r.below(16) : 6) << 4, 0, 0, r.below(256)]),
      u16(length),
      Buffer.from([next, r.pick([1, 64, 255])]),
    );
    return { type: 0x86dd, bytes: join(head, hex(r.pick(pool.hosts6)), hex(r.pick(pool.hosts6)), bytes) };
  }

  #transport(depth: number, version: 4 | 6): Made {
    const r = this.#random;
    const data = (): Buffer => r.bytes(r.once(25) ? r.between(1_400, 8_900) : r.below(80));
    const kind = r.below(16);
    if (kind < 5) return { type: 6, bytes: this.#tcp(data()) };
    if (kind < 7) return { type: 17, bytes: this.#udp(r.pick(pool.ports), data()) };
    switch (kind) {
      case 7:
        return depth > 1 ? { type: 132, bytes: this.#sctp(data()) } : this.#inIp(depth + 1);
      case 8:
        return {
          type: version === 4 ? 1 : 58,
          bytes: join(
            Buffer.from([r.pick([0, 3, 8, 11, 128, 129, 135]), r.below(4)]),
            u16(0),
            u16(r.below(65_536)),
            u16(r.below(9)),
            data(),
          ),
        };
      case 9:
        return { type: 132, bytes: this.#sctp(data()) };
      case 10:
        return { type: r.pick([2, 50, 51, 58, 1, 89, 103, 112, 255]), bytes: data() };
      case 11:
        return depth > 1 ? { type: 59, bytes: Buffer.alloc(0) } : this.#inIp(depth + 1);
      case 12:
        return depth > 1 ? { type: 47, bytes: data() } : this.#gre(depth + 1);
      case 13:
      case 14:
        return { type: 17, bytes: depth > 1 ? this.#udp(4789, data()) : this.#virtual(depth + 1) };
      default:
        return { type: r.below(256), bytes: data() };
    }
  }

  #tcp(data: Buffer): Buffer {
    const r = this.#random;
    const options = r.once(2) ? tcpOptions(r) : Buffer.alloc(0);
    const words = r.once(30) ? r.below(16) : 5 + options.length / 4;
    return join(
      u16(r.pick(pool.ports)),
      u16(r.pick(pool.ports)),
      r.bytes(8),
      Buffer.from([(words << 4) | r.below(2), r.below(256)]),
      r.bytes(6),
      options,
      data,
    );
  }

  #udp(port: number, data: Buffer): Buffer {
    const r = this.#random;
    const length = r.once(15) ? r.below(65_536) : 8 + data.length;
    return join(u16(r.pick(pool.ports)), u16(port), u16(length), u16(r.below(65_536)), data);
  }

  #sctp(data: Buffer): Buffer {
    return join(u16(this.#random.pick(pool.ports)), u16(this.#random.pick(pool.ports)), this.#random.bytes(8), data);
  }

  #inIp(depth: number): Made {
    return this.#random.once(2) ? { type: 4, bytes: this.#ipv4(depth).bytes } : { type: 41, bytes: this.#ipv6(depth).bytes };
  }

  #gre(depth: number): Made {
    const r = this.#random;
    const flags = r.pick([0, 0x8000, 0x2000, 0x3000, 0xb000, r.once(3) ? r.pick([0x4000, 1]) : 0x1000]);
    const fields = r.bytes(4 * [0x8000, 0x2000, 0x1000].filter((bit) => (flags & bit) !== 0).length);
    const inner = r.once(3) ? { type: 0x6558, bytes: this.frame(depth) } : this.#network(depth);
    return { type: 47, bytes: join(u16(flags), u16(inner.type), fields, inner.bytes) };
  }

  /** VXLAN (RFC 7348) or Geneve (RFC 8926) over UDP. */
  #virtual(depth: number): Buffer {
    const r = this.#random;
    const network = join(u16(0), Buffer.from([r.below(256), 0]));
    if (r.once(2)) return this.#udp(4789, join(Buffer.from([r.once(10) ? 0 : 8, 0, 0, 0]), network, this.frame(depth)));
    const options = r.bytes(4 * r.pick([0, 0, 1, 4, 63]));
    const words = r.once(15) ? r.below(256) : options.length / 4; // in the low 6 bits; the others are the version
    const inner = r.once(3) ? this.#network(depth) : { type: 0x6558, bytes: this.frame(depth) };
    const head = join(Buffer.from([words, r.pick([0, 0x40, 0x80])]), u16(inner.type));
    return this.#udp(6081, join(head, network, options, inner.bytes));
  }
}

/** Up to 40 bytes of options, padded to 4; some with a length that is not theirs. */
function tcpOptions(r: Random): Buffer {
  const lie = (length: number): number => (r.once(20) ? r.below(256) : length);
  const sack = (blocks: number): Buffer => join(Buffer.from([5, lie(2 + 8 * blocks)]), r.bytes(8 * blocks));
  const timestamps = (): Buffer => join(Buffer.from([8, lie(10)]), r.bytes(8));
  const made: (() => Buffer)[] = [
    () => join(Buffer.from([2, lie(4)]), u16(r.pick([536, 1_460, 8_960]))),
    () => Buffer.from([3, lie(3), r.below(16)]),
    () => Buffer.from([4, lie(2)]),
    () => sack(r.between(1, 4)),
    timestamps,
    timestamps,
    () => Buffer.from([1]),
    () => Buffer.from([r.pick([0, 5, 14, 19, 30, 253, 254]), lie(2)]),
  ];
  let options: Buffer = Buffer.alloc(0);
  for (let left = r.between(1, 6); left > 0; left--) {
    const option = r.pick(made)();
    if (options.length + option.length <= 40) options = join(options, option);
  }
  return join(options, Buffer.alloc(-options.length & 3, r.below(2)));
}

/** `count` frames; some end early on the wire, of some only the first bytes were captured. */
export function generatePackets(random: Random, count: number): readonly Captured[] {
  const builder = new Builder(random);
  return Array.from({ length: count }, () => {
    let frame = builder.frame();
    if (random.once(12)) frame = frame.subarray(0, random.below(frame.length) + 1);
    if (random.once(20)) frame[random.below(frame.length)] = random.below(256);
    if (random.once(8)) return { bytes: frame.subarray(0, random.below(frame.length) + 1), wireLen: frame.length };
    return { bytes: frame, wireLen: frame.length };
  });
}

/** For every length up to `packet`'s own: a frame that ended there, and one of which no more was captured. */
export const everyCut = (packet: Captured): readonly Captured[] =>
  Array.from({ length: packet.bytes.length }, (_, i) => packet.bytes.subarray(0, i + 1)).flatMap((bytes) => [
    { bytes, wireLen: bytes.length },
    { bytes, wireLen: packet.wireLen },
  ]);
