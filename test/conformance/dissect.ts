import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pcapHeader, pcapRecord } from "../../packages/pcapfile/src/index.ts";
import type { Captured } from "../support/captures.ts";
import type { Dissected, Dissector } from "../support/tshark.ts";

/** tshark takes half a second to start, and writes some 20 kB for each packet. */
const PACKETS_AT_ONCE = 4_000;

/** tshark's view of packets of one link type, whatever files they came from. */
export function* dissectPackets({ dissect }: Dissector, linkType: number, packets: readonly Captured[]): Generator<Dissected> {
  const folder = mkdtempSync(join(tmpdir(), "sonde-dissect-"));
  const path = join(folder, "packets.pcap");
  try {
    for (let at = 0; at < packets.length; at += PACKETS_AT_ONCE) {
      const part = packets.slice(at, at + PACKETS_AT_ONCE);
      const records = part.map((packet, i) => pcapRecord({ seconds: at + i, nanoseconds: 0, ...packet }));
      writeFileSync(path, Buffer.concat([pcapHeader({ linkType, snaplen: 262_144 }), ...records]));
      const dissected = dissect(path);
      if (dissected.length !== part.length) throw new Error(`tshark shows ${dissected.length} of ${part.length} packets`);
      yield* dissected;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
