import type { Random } from "../../support/random.ts";

const ETHERNET = 14;
const IPV4 = 20;
const TCP = 20;
const UDP = 8;
const CONVERSATIONS = 20_000;

type Tcp = {
  readonly client: number;
  readonly server: number;
  readonly port: number;
  readonly to: number;
  step: number;
  seq: number;
  ack: number;
};

/** Frames of many conversations in turn: TCP from SYN through a TLS ClientHello and data to FIN, DNS, and other UDP. Checksums are 0. */
export function conversation(random: Random): () => Uint8Array {
  const open: Tcp[] = [];
  const begin = (): Tcp => ({
    client: (0x0a00_0000 | random.below(2 ** 14)) >>> 0,
    server: (0x0a01_0000 | random.below(2 ** 14)) >>> 0,
    port: random.between(32_768, 60_999),
    to: random.pick([443, 443, 443, 80, 22, 5432]),
    step: 0,
    seq: random.below(2 ** 31),
    ack: random.below(2 ** 31),
  });
  return () => {
    const kind = random.below(10);
    if (kind === 0) return dns(random);
    if (kind === 1)
      return udp(random, random.between(1_024, 65_535), random.pick([123, 4789, 5353, 6000]), random.bytes(random.between(8, 64)));
    if (open.length < CONVERSATIONS) open.push(begin());
    const at = random.below(open.length);
    const one = open[at]!;
    const frame = tcpStep(one);
    if (one.step > 12) open[at] = begin();
    return frame;
  };
}

/** The next packet of a conversation; odd steps come back from the server. */
function tcpStep(one: Tcp): Uint8Array {
  const { step } = one;
  const back = step % 2 === 1;
  one.step++;
  if (step === 0) return tcp(one, false, 0x02, 0);
  if (step === 1) return tcp(one, true, 0x12, 0);
  if (step === 2) return tcp(one, false, 0x10, 0);
  if (step === 4 && one.to === 443) return tcp(one, false, 0x18, CLIENT_HELLO.byteLength, CLIENT_HELLO);
  if (step >= 11) return tcp(one, back, 0x11, 0);
  return tcp(one, back, 0x18, back ? 1_200 : 90);
}

function tcp(one: Tcp, back: boolean, flags: number, length: number, payload?: Uint8Array): Uint8Array {
  const bytes = ipv4(6, back ? one.server : one.client, back ? one.client : one.server, TCP + length);
  const view = new DataView(bytes.buffer);
  const at = ETHERNET + IPV4;
  view.setUint16(at, back ? one.to : one.port);
  view.setUint16(at + 2, back ? one.port : one.to);
  view.setUint32(at + 4, back ? one.ack : one.seq);
  view.setUint32(at + 8, back ? one.seq : one.ack);
  view.setUint8(at + 12, 0x50);
  view.setUint8(at + 13, flags);
  view.setUint16(at + 14, 64_240);
  if (payload) bytes.set(payload, at + TCP);
  const used = length + ((flags & 0x03) === 0 ? 0 : 1);
  if (back) one.ack = (one.ack + used) >>> 0;
  else one.seq = (one.seq + used) >>> 0;
  return bytes;
}

/** A query of one name (RFC 1035, 4.1). */
function dns(random: Random): Uint8Array {
  const name = `host-${random.below(5_000)}`;
  const payload = Buffer.concat([
    Buffer.from([random.below(256), random.below(256), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, name.length]),
    Buffer.from(name),
    Buffer.from([7, ...Buffer.from("example"), 3, ...Buffer.from("net"), 0, 0, 1, 0, 1]),
  ]);
  return udp(random, random.between(32_768, 60_999), 53, payload);
}

function udp(random: Random, sport: number, dport: number, payload: Uint8Array): Uint8Array {
  const bytes = ipv4(
    17,
    (0x0a00_0000 | random.below(2 ** 14)) >>> 0,
    (0x0a01_0000 | random.below(2 ** 10)) >>> 0,
    UDP + payload.byteLength,
  );
  const view = new DataView(bytes.buffer);
  const at = ETHERNET + IPV4;
  view.setUint16(at, sport);
  view.setUint16(at + 2, dport);
  view.setUint16(at + 4, UDP + payload.byteLength);
  bytes.set(payload, at + UDP);
  return bytes;
}

function ipv4(protocol: number, from: number, to: number, length: number): Uint8Array {
  const bytes = new Uint8Array(ETHERNET + IPV4 + length);
  const view = new DataView(bytes.buffer);
  bytes.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0]);
  view.setUint8(ETHERNET, 0x45);
  view.setUint16(ETHERNET + 2, IPV4 + length);
  view.setUint16(ETHERNET + 6, 0x4000);
  view.setUint8(ETHERNET + 8, 64);
  view.setUint8(ETHERNET + 9, protocol);
  view.setUint32(ETHERNET + 12, from);
  view.setUint32(ETHERNET + 16, to);
  return bytes;
}

/** A TLS 1.2 ClientHello with a server name (RFC 8446, 4.1.2; RFC 6066, 3). */
const CLIENT_HELLO = ((): Uint8Array => {
  const name = Buffer.from("www.example.net");
  const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
  const sni = Buffer.concat([u16(0), u16(name.length + 5), u16(name.length + 3), Buffer.from([0]), u16(name.length), name]);
  const body = Buffer.concat([
    u16(0x0303),
    Buffer.alloc(32, 7),
    Buffer.from([0]),
    u16(4),
    u16(0x1301),
    u16(0xc02f),
    Buffer.from([1, 0]),
    u16(sni.length),
    sni,
  ]);
  const handshake = Buffer.concat([Buffer.from([1, 0]), u16(body.length), body]);
  return Buffer.concat([Buffer.from([22, 3, 1]), u16(handshake.length), handshake]);
})();
