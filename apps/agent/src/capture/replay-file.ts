import { type LinkType, type PackedPackets, packPackets } from "@sonde/bpf";
import { type FilePacket, readCaptureFile } from "./capture-file.ts";
import { IMPOSSIBLE, linkTypes } from "./trial.ts";

/** Test runs take any packet up to this, on every kernel (5.10: 3,520 with what stands before it); longer ones go alone. */
const SAFE_BYTES = 3400;
/** Packets of one piece: as many as are injected between two looks at the clock. */
const PIECE_PACKETS = 512;

/** Packets of one link type, in file order. */
export type Piece = {
  readonly linkType: LinkType;
  readonly packets: PackedPackets;
  /** Number of the first one in its file, from 1. */
  readonly first: number;
  /** When each was captured, ns since 1970. */
  readonly times: readonly bigint[];
};
/** A packet that cannot be given to the programs, and why. */
export type LeftOut = { readonly number: number; readonly reason: string };

/**
 * Reads a capture file in pieces; memory does not grow with the file. A piece of one packet may still be refused by
 * the kernel, for its length. Throws CaptureFileError, and what the file system throws.
 */
export function* replayPieces(path: string, leaveOut: (packet: LeftOut) => void): Generator<Piece> {
  for (const batch of readCaptureFile(path)) {
    const type = batch[0]?.linkType ?? -1;
    const linkType = linkTypes.get(type);
    let held: FilePacket[] = [];
    for (const packet of batch) {
      const reason =
        linkType === undefined
          ? `the programs know no packets of link type ${type}`
          : packet.wireLen < packet.bytes.length
            ? IMPOSSIBLE.reason
            : null;
      if (reason !== null) leaveOut({ number: packet.number, reason });
      const alone = packet.bytes.length > SAFE_BYTES;
      if (linkType !== undefined && held.length > 0 && (reason !== null || alone || held.length === PIECE_PACKETS)) {
        yield pieceOf(held, linkType);
        held = [];
      }
      if (reason !== null || linkType === undefined) continue;
      if (alone) yield pieceOf([packet], linkType);
      else held.push(packet);
    }
    if (linkType !== undefined && held.length > 0) yield pieceOf(held, linkType);
  }
}

function pieceOf(packets: readonly FilePacket[], linkType: LinkType): Piece {
  return {
    linkType,
    packets: packPackets(packets),
    first: packets[0]?.number ?? 0,
    times: packets.map(({ seconds, nanoseconds }) => BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds)),
  };
}

/** Packets `from` up to but without `to` of a piece. */
export function partOf({ bytes, lengths }: PackedPackets, from: number, to: number): PackedPackets {
  let start = 0;
  for (let i = 0; i < from; i++) start += lengths[i * 2] ?? 0;
  let end = start;
  for (let i = from; i < to; i++) end += lengths[i * 2] ?? 0;
  return { bytes: bytes.subarray(start, end), lengths: lengths.subarray(from * 2, to * 2) };
}
