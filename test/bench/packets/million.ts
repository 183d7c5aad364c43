import { interfaceBlock, packetBlock, sectionHeader } from "../../../packages/pcapfile/src/index.ts";
import { seeded } from "../../support/random.ts";

/** A pcapng file of everyday packets: TCP segments with and without payload, TLS and HTTP beginnings, DNS, ARP, some IPv6. */
export function manyPackets(count: number, seed: number): Uint8Array {
  const random = seeded(seed);
  const frames = Array.from({ length: 5000 }, () => someFrame(random));
  const blocks: Uint8Array[] = [
    sectionHeader({ application: "sonde" }),
    interfaceBlock({ linkType: 1, snaplen: 0, name: "web-1/eth0" }),
    interfaceBlock({ linkType: 1, snaplen: 0, name: "web-2/eth0" }),
  ];
  for (let i = 0; i < count; i++) {
    const bytes = random.pick(frames);
    blocks.push(
      packetBlock({
        interfaceId: i % 2,
        tsNs: 1_700_000_000_000_000_000n + BigInt(i) * 12_345n,
        wireLen: bytes.length,
        bytes,
        direction: "in",
      }),
    );
  }
  return Buffer.concat(blocks);
}

type Random = ReturnType<typeof seeded>;
const u16 = (...values: number[]): number[] => values.flatMap((value) => [value >> 8, value & 0xff]);

function someFrame(random: Random): Uint8Array {
  const mac = [2, 0, 0, 0, 0, random.below(20), 2, 0, 0, 0, 0, random.below(20)];
  if (random.once(50)) return Uint8Array.from([...mac, ...u16(0x0806, 1, 0x0800, 0x0604, 1), ...Array<number>(20).fill(7)]);
  const v6 = random.once(10);
  const isUdp = random.once(5);
  const payload = isUdp ? dns(random) : random.once(2) ? [] : tcpPayload(random);
  const ports: [number, number] = random.once(2)
    ? [isUdp ? 53 : 443, 32_768 + random.below(500)]
    : [32_768 + random.below(500), isUdp ? 53 : 443];
  const transport = isUdp
    ? [...u16(...ports, 8 + payload.length, 0), ...payload]
    : [...u16(...ports), ...random.bytes(8), 0x50, 0x10, ...u16(1024, 0, 0), ...payload];
  const protocol = isUdp ? 17 : 6;
  const host = (): number[] => (v6 ? [0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), random.below(200)] : [10, 0, 0, random.below(200)]);
  const network = v6
    ? [0x60, 0, 0, 0, ...u16(transport.length), protocol, 64, ...host(), ...host()]
    : [0x45, 0, ...u16(20 + transport.length, random.below(65_536), 0), 64, protocol, 0, 0, ...host(), ...host()];
  return Uint8Array.from([...mac, ...u16(v6 ? 0x86dd : 0x0800), ...network, ...transport]);
}

function dns(random: Random): number[] {
  const name = `h${random.below(100)}`;
  return [
    ...u16(random.below(65_536), 0x0100, 1, 0, 0, 0),
    name.length,
    ...Buffer.from(name),
    7,
    ...Buffer.from("example"),
    0,
    ...u16(1, 1),
  ];
}

function tcpPayload(random: Random): number[] {
  if (random.once(10)) return [...Buffer.from(`GET /${random.below(1000)} HTTP/1.1\r\nHost: h${random.below(100)}\r\n\r\n`)];
  return [...u16(0x1703, 0x0300 | random.below(256)), 200, ...random.bytes(random.below(900))];
}
