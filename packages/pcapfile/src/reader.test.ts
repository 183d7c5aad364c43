import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chooseSeed } from "../../../test/support/random.ts";
import { blocksOf } from "../test/support/blocks.ts";
import {
  bigEndianSection,
  type Packet,
  pcap,
  pcapng,
  readAll,
  someInterface,
  somePackets,
  someSection,
  someStatistics,
} from "../test/support/files.ts";
import { CaptureFileError, CaptureReader, pcapHeader, pcapRecord } from "./index.ts";

const seed = chooseSeed(process.env["SONDE_SEED"]);
const packets = somePackets(40);
const plain = packets.map((packet): Packet => ({ ...packet, comments: [], direction: null }));
const inMicroseconds = (list: readonly Packet[]): Packet[] =>
  list.map((packet) => ({ ...packet, nanoseconds: Math.floor(packet.nanoseconds / 1000) * 1000 }));
const second: Packet = { ...(plain[1] as Packet), interfaceId: 1 };

describe("reading", () => {
  test("what we write as pcapng", () => {
    const found = readAll(pcapng(packets));
    expect(found.packets).toEqual(packets);
    expect(found.sections).toEqual([someSection]);
    expect(found.interfaces).toEqual([{ id: 0, ...someInterface }]);
    expect(found.statistics).toEqual([{ id: 0, ...someStatistics }]);
  });

  test("what we write as pcap", () => {
    const file = Buffer.concat([pcapHeader({ linkType: 101, snaplen: 65_535 }), ...plain.map(pcapRecord)]);
    const found = readAll(file);
    expect(found.packets).toEqual(plain);
    expect(found.interfaces).toMatchObject([{ id: 0, linkType: 101, snaplen: 65_535, name: null, description: null }]);
  });

  test("bytes past a pcap's snapshot length are left out, as libpcap does", () => {
    const file = Buffer.concat([pcapHeader({ linkType: 1, snaplen: 64 }), ...plain.map(pcapRecord)]);
    expect(readAll(file).packets).toEqual(plain.map((packet) => ({ ...packet, bytes: packet.bytes.subarray(0, 64) })));
  });

  test.each([true, false])("pcap of both units, little-endian %s", (little) => {
    expect(readAll(pcap(plain, { little, times: "nanoseconds" })).packets).toEqual(plain);
    expect(readAll(pcap(plain, { little, times: "microseconds" })).packets).toEqual(inMicroseconds(plain));
    expect(readAll(pcap(plain, { little, minor: 2 })).packets).toEqual(inMicroseconds(plain));
  });

  test("pcapng in big-endian, of decimal and binary resolutions, and sections of two byte orders in one file", () => {
    expect(readAll(bigEndianSection(plain, 9, 1_000_000_000n)).packets).toEqual(plain);
    expect(readAll(bigEndianSection(plain, 6, 1_000_000n)).packets).toEqual(inMicroseconds(plain));
    const halves = readAll(bigEndianSection([{ ...second, nanoseconds: 500_000_000 }], 0x80 | 20, 1n << 20n)).packets;
    expect(halves[0]).toMatchObject({ seconds: second.seconds, nanoseconds: 500_000_000 });
    const both = Buffer.concat([pcapng(packets), bigEndianSection([second], 9, 1_000_000_000n)]);
    expect(readAll(both).packets).toEqual([...packets, second]);
  });

  test("any chunk sizes give the same packets", () => {
    const files = [pcapng(packets), pcap(plain, { times: "nanoseconds" }), pcap(plain, { little: false, times: "nanoseconds" })];
    const whole = files.map((file) => readAll(file));
    fc.assert(
      fc.property(fc.infiniteStream(fc.integer({ min: 1, max: 400 })), fc.nat(files.length - 1), (sizes, which) => {
        const found = readAll(files[which] as Uint8Array, () => sizes.next().value as number);
        expect(found).toEqual(whole[which]);
      }),
      { seed, numRuns: 60 },
    );
    expect(readAll(files[0] as Uint8Array, () => 1)).toEqual(whole[0]);
  });

  test("a million packets in well under 5 s", () => {
    const one = Buffer.concat([pcapHeader({ linkType: 1, snaplen: 262_144 }), ...somePackets(100).map(pcapRecord)]);
    const records = one.subarray(24);
    let count = 0;
    const reader = new CaptureReader({ interface: () => {}, packet: () => count++ });
    const started = performance.now();
    reader.push(one.subarray(0, 24));
    for (let i = 0; i < 10_000; i++) reader.push(records);
    reader.end();
    expect(count).toBe(1_000_000);
    expect(performance.now() - started).toBeLessThan(2_500);
  });
});

/** Where the file's first packet block starts. */
function packetBlockOf(file: Buffer): number {
  let at = 0;
  while (file.readUInt32LE(at) !== 6) at += file.readUInt32LE(at + 4);
  return at;
}

describe("damaged files", () => {
  const refused = (file: Uint8Array): string => {
    try {
      readAll(file);
    } catch (error) {
      if (error instanceof CaptureFileError) return error.message;
      throw error;
    }
    return "read";
  };

  test.each<[string, Uint8Array]>([
    ["not a capture file: shorter than its magic number (at byte 0)", new Uint8Array(0)],
    ["not a capture file: shorter than its magic number (at byte 0)", new Uint8Array(3)],
    ["not a capture file: neither pcap nor pcapng (at byte 0)", new TextEncoder().encode("GIF89a, or any text")],
    ["the pcap file ends inside a record (at byte 0)", pcap([]).subarray(0, 23)],
    ["the pcap file ends inside a record (at byte 24)", pcap(plain).subarray(0, 50)],
    ["a section without byte-order magic (at byte 0)", Uint8Array.of(0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 1, 2, 3, 4)],
  ])("%s", (words, file) => {
    expect(refused(file)).toBe(words);
  });

  test("a length that lies is refused at its place, and does not fill the memory", () => {
    const file = pcap(plain);
    new DataView(file.buffer).setUint32(24 + 8, 0xfffffff0, true);
    expect(refused(file)).toBe("a packet of 4294967280 bytes: the file is damaged (at byte 24)");
    for (const capLen of [0xffffffff, 0xfffffffd, 0x7fffffff, 1_000]) {
      const ng = Buffer.from(pcapng(plain.slice(0, 1)));
      ng.writeUInt32LE(capLen, packetBlockOf(ng) + 20);
      expect(refused(ng)).toContain("a block is shorter than its content");
    }
  });

  test("a packet of an interface that was not described is refused", () => {
    const ng = Buffer.from(pcapng(plain.slice(0, 1)));
    ng.writeUInt32LE(7, packetBlockOf(ng) + 8);
    expect(refused(ng)).toContain("a packet of interface 7, which was not described");
  });

  test(`flipped and cut bytes never throw anything but CaptureFileError (SONDE_SEED=${seed})`, () => {
    const make = blocksOf(false);
    const bytes = new Uint8Array(33);
    const old = [make.section(), make.interface(1, 0), make.obsolete(0, 1n, bytes, [[1, bytes]]), make.simple(33, bytes)];
    const few = packets.slice(0, 6);
    const files = [pcapng(few), pcap(few), bigEndianSection(few, 6, 1_000_000n), Buffer.concat(old)];
    const flip = fc.record({ at: fc.nat(), value: fc.nat(255) });
    fc.assert(
      fc.property(
        fc.nat(files.length - 1),
        fc.array(flip, { maxLength: 8 }),
        fc.nat(),
        fc.integer({ min: 1, max: 999 }),
        (which, flips, cut, chunk) => {
          const file = Uint8Array.from(files[which] as Uint8Array);
          for (const { at, value } of flips) file[at % file.length] = value;
          const end = file.length - (cut % 3 === 0 ? cut % file.length : 0);
          try {
            readAll(file.subarray(0, end), () => chunk);
          } catch (error) {
            if (!(error instanceof CaptureFileError)) throw error;
          }
        },
      ),
      { seed, numRuns: 4_000 },
    );
  });

  test("a record of the largest size in small chunks takes time and memory in proportion", () => {
    const big: Packet = { ...(plain[0] as Packet), wireLen: 16 << 20, bytes: new Uint8Array(16 << 20) };
    const file = pcap([big, big]);
    const started = performance.now();
    expect(readAll(file, () => 4096).packets).toHaveLength(2);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
