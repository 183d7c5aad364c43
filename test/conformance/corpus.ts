import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pcapHeader, pcapRecord } from "../../packages/pcapfile/src/index.ts";
import { type Capture, type Captured, ETHERNET, tcpdumpCaptures } from "../support/captures.ts";
import { generatePackets } from "../support/generate.ts";
import type { Random } from "../support/random.ts";

const RAW_IP = 101;

/** Captures as files; close() removes those that were made. */
export type Corpus = { readonly captures: readonly Capture[]; close(): void };

/** Captures to compare over: generated ones, then tcpdump's own. */
export function openCorpus(random: Random, generated: number): Corpus {
  const own = openGenerated(random, generated);
  return { captures: [...own.captures, ...tcpdumpCaptures()], close: own.close };
}

/** Generated captures, of 300 packets unless told otherwise. */
export function openGenerated(random: Random, generated: number, packets = 300): Corpus {
  const folder = mkdtempSync(join(tmpdir(), "sonde-corpus-"));
  const own = Array.from({ length: generated }, (_, i) => {
    const frames = generatePackets(random, packets);
    // every fourth as a device without a link header would have it
    return i % 4 === 3 ? write(`raw-${i}`, RAW_IP, frames.flatMap(bare)) : write(`generated-${i}`, ETHERNET, frames);
  });
  return { captures: own, close: () => rmSync(folder, { recursive: true, force: true }) };

  function write(name: string, linkType: number, packets: readonly Captured[]): Capture {
    const path = join(folder, `${name}.pcap`);
    const records = packets.map(({ bytes, wireLen }, seconds) => pcapRecord({ seconds, nanoseconds: 0, wireLen, bytes }));
    writeFileSync(path, Buffer.concat([pcapHeader({ linkType, snaplen: 262_144 }), ...records]));
    return { name, path, linkType, packets };
  }
}

/** What follows the Ethernet header where that is IP and all of it was captured; nothing otherwise. */
function bare({ bytes, wireLen }: Captured): readonly Captured[] {
  const type = bytes.length > 14 ? ((bytes[12] ?? 0) << 8) | (bytes[13] ?? 0) : 0;
  return type === 0x0800 || type === 0x86dd ? [{ bytes: bytes.subarray(14), wireLen: wireLen - 14 }] : [];
}
