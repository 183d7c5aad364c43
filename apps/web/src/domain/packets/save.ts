import { interfaceBlock, packetBlock, sectionHeader } from "@sonde/pcapfile";
import type { PacketTable } from "./table.ts";

/** Bytes of blocks that are put into one part. */
const PART_BYTES = 1 << 20;

/** Parts of a pcapng file with these rows, all interfaces, and comments. */
export function* savedParts(table: PacketTable, rows: Iterable<number>): Generator<Uint8Array<ArrayBuffer>> {
  const part = new Part();
  part.add(sectionHeader({ application: "sonde" }));
  for (const { linkType, snaplen, name, description, filter, comments, id } of table.interfaces)
    part.add(
      interfaceBlock({
        linkType,
        snaplen,
        name: name ?? `interface ${id}`,
        comments,
        ...(description === null ? {} : { description }),
        ...(filter === null ? {} : { filter }),
      }),
    );
  for (const row of rows) {
    part.add(
      packetBlock({
        interfaceId: table.columns.interfaceId[row] ?? 0,
        tsNs: table.timeNs(row),
        wireLen: table.columns.wireLen[row] ?? 0,
        bytes: table.bytes(row),
        direction: table.direction(row),
        comments: table.comments(row),
      }),
    );
    if (part.length >= PART_BYTES) yield part.take();
  }
  yield part.take();
}

class Part {
  #blocks: Uint8Array[] = [];
  length = 0;

  add(block: Uint8Array): void {
    this.#blocks.push(block);
    this.length += block.length;
  }

  take(): Uint8Array<ArrayBuffer> {
    const joined = new Uint8Array(this.length);
    let at = 0;
    for (const block of this.#blocks) {
      joined.set(block, at);
      at += block.length;
    }
    this.#blocks = [];
    this.length = 0;
    return joined;
  }
}
