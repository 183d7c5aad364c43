/** Hand-made frames: every function returns bytes, every length can be made to lie. */

export const MAC = { dst: "020000000002", src: "020000000001" } as const;
export const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/[\s:]/g, ""), "hex");
const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);

export function ether(type: number, payload: Buffer, ...tags: readonly (readonly [tpid: number, tci: number])[]): Buffer {
  const tagged = tags.flatMap(([tpid, tci]) => [u16(tpid), u16(tci)]);
  return Buffer.concat([hex(MAC.dst), hex(MAC.src), ...tagged, u16(type), payload]);
}

type Ipv4 = { proto: number; payload: Buffer; ihl?: number; version?: number; total?: number; frag?: number; options?: Buffer };

/** 192.0.2.1 → 198.51.100.2 */
export function ipv4({ proto, payload, ihl, version = 4, total, frag = 0, options = Buffer.alloc(0) }: Ipv4): Buffer {
  const words = ihl ?? 5 + options.length / 4;
  const length = total ?? 20 + options.length + payload.length;
  const head = Buffer.concat([
    Buffer.from([(version << 4) | words, 0]),
    u16(length),
    u16(1),
    u16(frag),
    Buffer.from([64, proto]),
    u16(0),
    hex("c0000201"),
    hex("c6336402"),
  ]);
  return Buffer.concat([head, options, payload]);
}

type Ipv6 = { next: number; payload: Buffer; version?: number; length?: number };

/** 2001:db8::1 → 2001:db8::2 */
export function ipv6({ next, payload, version = 6, length }: Ipv6): Buffer {
  const head = Buffer.concat([
    Buffer.from([version << 4, 0, 0, 0]),
    u16(length ?? payload.length),
    Buffer.from([next, 64]),
    hex("20010db8000000000000000000000001"),
    hex("20010db8000000000000000000000002"),
  ]);
  return Buffer.concat([head, payload]);
}

/** One extension header of 8 × (units + 1) bytes. */
export function extension(next: number, units = 0): Buffer {
  const bytes = Buffer.alloc(8 * (units + 1));
  bytes[0] = next;
  bytes[1] = units;
  return bytes;
}

export function fragment6(next: number, offset: number, more: boolean): Buffer {
  return Buffer.concat([Buffer.from([next, 0]), u16((offset << 3) | (more ? 1 : 0)), Buffer.alloc(4)]);
}

export function tcp({ sport = 0xcafe, dport = 443, doff = 5, flags = 2, payload = Buffer.alloc(0) } = {}): Buffer {
  const head = [u16(sport), u16(dport), Buffer.alloc(8), Buffer.from([doff << 4, flags]), u16(0xffff), Buffer.alloc(4)];
  return Buffer.concat([...head, payload]);
}

export function udp({ sport = 5353, dport = 53, payload = Buffer.alloc(0), length = 0 } = {}): Buffer {
  return Buffer.concat([u16(sport), u16(dport), u16(length || 8 + payload.length), u16(0), payload]);
}

export function icmp(type: number, code = 0, id = 0x1234): Buffer {
  return Buffer.concat([Buffer.from([type, code]), u16(0), u16(id), u16(1)]);
}

/** Who has 198.51.100.2, tell 192.0.2.1 */
export function arp(): Buffer {
  return hex("0001 0800 06 04 0001 020000000001 c0000201 000000000000 c6336402");
}

/** A classic pcap file (little-endian, microseconds, LINKTYPE_ETHERNET). */
export function pcap(frames: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(65535, 16);
  head.writeUInt32LE(1, 20);
  const packets = frames.flatMap((frame) => {
    const packet = Buffer.alloc(16);
    packet.writeUInt32LE(frame.length, 8);
    packet.writeUInt32LE(frame.length, 12);
    return [packet, frame];
  });
  return Buffer.concat([head, ...packets]);
}
