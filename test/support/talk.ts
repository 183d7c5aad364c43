import { interfaceBlock, packetBlock, sectionHeader, statisticsBlock } from "@sonde/pcapfile";

/**
 * A capture file of everyday talk between a client and two servers, with correct lengths and checksums: a name is
 * looked up, a page is fetched with a segment sent twice, a TLS handshake begins, and many small datagrams follow.
 * Addresses are from the documentation ranges (RFC 5737).
 */

const CLIENT = "c0000201"; // 192.0.2.1
const WEB = "c6336402"; // 198.51.100.2
const RESOLVER = "cb007135"; // 203.0.113.53

const hex = (text: string): Buffer => Buffer.from(text, "hex");
const be16 = (value: number): Buffer => Buffer.from([(value >> 8) & 255, value & 255]);
const be32 = (value: number): Buffer => Buffer.concat([be16(value >>> 16), be16(value & 0xffff)]);
const sized = (bytes: Buffer): Buffer => Buffer.concat([be16(bytes.length), bytes]);

/** RFC 1071. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] ?? 0) * 256 + (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** An Ethernet frame of an IPv4 packet; `at` is where in the segment its checksum stands. */
function frame(ends: { from: string; to: string }, protocol: number, segment: Buffer, at: number): Buffer {
  const pseudo = Buffer.concat([hex(`${ends.from}${ends.to}00`), Buffer.from([protocol]), be16(segment.length)]);
  segment.writeUInt16BE(checksum(Buffer.concat([pseudo, segment])) || 0xffff, at);
  const header = Buffer.concat([
    hex("4500"),
    be16(20 + segment.length),
    hex("0001400040"),
    Buffer.from([protocol]),
    hex(`0000${ends.from}${ends.to}`),
  ]);
  header.writeUInt16BE(checksum(header), 10);
  const macs = ends.from === CLIENT ? "020000000002020000000001" : "020000000001020000000002";
  return Buffer.concat([hex(`${macs}0800`), header, segment]);
}

function udp(ends: { from: string; to: string; sport: number; dport: number }, payload: Buffer): Buffer {
  const segment = Buffer.concat([be16(ends.sport), be16(ends.dport), be16(8 + payload.length), be16(0), payload]);
  return frame(ends, 17, segment, 6);
}

/** Both ends of a TCP connection from the client's port to the web server's. */
function connection(sport: number, dport: number) {
  const seq = { client: 1000, server: 9000 };
  const segment = (side: "client" | "server", flags: number, payload: Buffer = Buffer.alloc(0), at = seq[side]): Buffer => {
    const out = side === "client";
    const ack = flags & 0x10 ? seq[out ? "server" : "client"] : 0;
    const header = Buffer.concat([
      be16(out ? sport : dport),
      be16(out ? dport : sport),
      be32(at),
      be32(ack),
      Buffer.from([0x50, flags]),
      hex("faf000000000"),
    ]);
    const ends = out ? { from: CLIENT, to: WEB } : { from: WEB, to: CLIENT };
    return frame(ends, 6, Buffer.concat([header, payload]), 16);
  };
  const SYN = 0x02;
  const ACK = 0x10;
  const PSH = 0x18;
  const FIN = 0x11;
  const open = (): Buffer[] => {
    const syn = segment("client", SYN);
    seq.client++;
    const answer = segment("server", SYN | ACK);
    seq.server++;
    return [syn, answer, segment("client", ACK)];
  };
  const say = (side: "client" | "server", payload: Buffer): Buffer => {
    const sent = segment(side, PSH, payload);
    seq[side] += payload.length;
    return sent;
  };
  /** The same bytes once more. */
  const again = (side: "client" | "server", payload: Buffer): Buffer => segment(side, PSH, payload, seq[side] - payload.length);
  const acknowledge = (side: "client" | "server"): Buffer => segment(side, ACK);
  const close = (): Buffer[] => {
    const fin = segment("client", FIN);
    seq.client++;
    const answer = segment("server", FIN);
    seq.server++;
    return [fin, answer, segment("client", ACK)];
  };
  return { open, say, again, acknowledge, close };
}

function dns(id: number, name: string, address: string | null): Buffer {
  const labels = Buffer.concat([
    ...name.split(".").map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    hex("00"),
  ]);
  const answer = address === null ? Buffer.alloc(0) : hex(`c00c000100010000012c0004${address}`);
  const head = address === null ? "01000001000000000000" : "81800001000100000000";
  return Buffer.concat([be16(id), hex(head), labels, hex("00010001"), answer]);
}

/** RFC 8446 4.1.2 with a server name (RFC 6066 3), in one record. */
function clientHello(name: string): Buffer {
  const host = Buffer.concat([hex("00"), sized(Buffer.from(name))]);
  const serverName = Buffer.concat([hex("0000"), sized(sized(host))]);
  const versions = hex("002b0003020304");
  const body = Buffer.concat([
    hex("0303"),
    Buffer.alloc(32, 7),
    hex("00"),
    sized(hex("13011302")),
    hex("0100"),
    sized(Buffer.concat([serverName, versions])),
  ]);
  const handshake = Buffer.concat([hex("0100"), sized(body)]);
  return Buffer.concat([hex("160301"), sized(handshake)]);
}

export const PAGE = "<p>the first half of a page</p>";
/** The packets of the talk, in order, and which of them are sent twice (from 1). */
export function talk(datagrams: number): { frames: Buffer[]; retransmitted: number } {
  const query = { from: CLIENT, to: RESOLVER, sport: 40_000, dport: 53 };
  const answer = { from: RESOLVER, to: CLIENT, sport: 53, dport: 40_000 };
  const web = connection(40_001, 80);
  const tls = connection(40_002, 443);
  const request = Buffer.from("GET /index.html?a=1 HTTP/1.1\r\nHost: www.example.net\r\nUser-Agent: test\r\n\r\n");
  const first = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${PAGE.length + 29}\r\n\r\n${PAGE}`);
  const second = Buffer.from("<p>and its other half</p>\r\n\r\n");
  const before = [
    udp(query, dns(1, "www.example.net", null)),
    udp(answer, dns(1, "www.example.net", WEB)),
    ...web.open(),
    web.say("client", request),
  ];
  const page = [web.acknowledge("server"), web.say("server", first), web.acknowledge("client"), web.say("server", second)];
  const frames = [...before, ...page];
  const retransmitted = frames.length + 1;
  frames.push(web.again("server", second), web.acknowledge("client"), ...web.close());
  frames.push(...tls.open(), tls.say("client", clientHello("secret.example.org")), tls.acknowledge("server"));
  for (let i = 0; i < datagrams; i++) frames.push(udp({ from: CLIENT, to: WEB, sport: 50_000, dport: 9999 }, Buffer.from(`datagram ${i}`)));
  return { frames, retransmitted };
}

/** A pcapng file of frames, one each 10 ms, of interface eth0, with a comment on the first and two dropped. */
export function captureFile(frames: readonly Buffer[]): Buffer {
  const startNs = 1_763_000_000_000_000_000n;
  const at = (i: number): bigint => startNs + BigInt(i) * 10_000_000n;
  return Buffer.concat([
    sectionHeader({ application: "a test" }),
    interfaceBlock({ linkType: 1, snaplen: 262_144, name: "eth0" }),
    ...frames.map((bytes, i) =>
      packetBlock({ interfaceId: 0, tsNs: at(i), wireLen: bytes.length, bytes, ...(i === 0 ? { comments: ["where it begins"] } : {}) }),
    ),
    statisticsBlock({ interfaceId: 0, startNs, endNs: at(frames.length), received: BigInt(frames.length + 2), dropped: 2n }),
  ]);
}
