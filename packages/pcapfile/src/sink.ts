import { OptionCode, Options } from "./pcapng-options.ts";

/** What a pcapng section says of itself; a classic pcap file has none. */
export type CaptureSection = {
  readonly hardware: string | null;
  readonly os: string | null;
  /** The program that wrote it. */
  readonly application: string | null;
  readonly comments: readonly string[];
};

/** One interface of a capture file; a classic pcap file has exactly one. What a file does not say is null. */
export type CaptureInterface = {
  /** LINKTYPE_ value (pcap-linktype(7)): 1 Ethernet, 101 raw IP, 113 Linux cooked … */
  readonly linkType: number;
  /** 0 when the file does not limit it. */
  readonly snaplen: number;
  readonly name: string | null;
  readonly description: string | null;
  /** In libpcap's language; null too where the file holds a program instead. */
  readonly filter: string | null;
  readonly hardware: string | null;
  readonly os: string | null;
  /** Bits per second. */
  readonly speed: bigint | null;
  readonly comments: readonly string[];
};

/** Counters of an interface statistics block; null when the writer did not say. Times in ns since 1970 UTC. */
export type CaptureStatistics = {
  readonly startNs: bigint | null;
  readonly endNs: bigint | null;
  readonly received: bigint | null;
  /** For want of room, before the filter. */
  readonly dropped: bigint | null;
  readonly filterAccepted: bigint | null;
  readonly osDropped: bigint | null;
  readonly comments: readonly string[];
};

/** A packet as it lies in the file. One object is reused for all packets of a reader. */
export type CapturedPacket = {
  /** Counts from 0 over the whole file, sections included. */
  interfaceId: number;
  /** Seconds since 1970 UTC, and nanoseconds below 1e9. */
  seconds: number;
  nanoseconds: number;
  capLen: number;
  wireLen: number;
  /** The packet is bytes[offset … offset + capLen). */
  bytes: Uint8Array;
  offset: number;
  /** Its options are bytes[optionsFrom … optionsTo), for packetOptions; none where both are equal. */
  optionsFrom: number;
  optionsTo: number;
  littleEndian: boolean;
};

/** The one object a reader reuses. */
export const emptyPacket = (): CapturedPacket => ({
  interfaceId: 0,
  seconds: 0,
  nanoseconds: 0,
  capLen: 0,
  wireLen: 0,
  bytes: new Uint8Array(0),
  offset: 0,
  optionsFrom: 0,
  optionsTo: 0,
  littleEndian: true,
});

export type PacketDirection = "in" | "out";
/** What a packet's options say; the flags as draft-ietf-opsawg-pcapng 4.3.1 has them. */
export type PacketOptions = { readonly comments: readonly string[]; readonly direction: PacketDirection | null };

/** Bits 0 and 1 of the flags. */
export const directions: readonly (PacketDirection | null)[] = [null, "in", "out", null];
const NOTHING: PacketOptions = { comments: [], direction: null };
/** By direction: what the options of most packets say, if they have any. */
const plain: readonly PacketOptions[] = directions.map((direction) => ({ comments: [], direction }));

/** Flags and nothing else: code, length, the flags, and mostly an end of options. */
const FLAGS_BYTES = 8;

/** Reads the options of a packet while it is good: only when asked, because few packets have any. */
export function packetOptions(packet: Readonly<CapturedPacket>): PacketOptions {
  const { bytes, optionsFrom: at, optionsTo, littleEndian } = packet;
  const u16 = (place: number): number => {
    const [first, second] = [bytes[place] ?? 0, bytes[place + 1] ?? 0];
    return littleEndian ? first | (second << 8) : (first << 8) | second;
  };
  if (at === optionsTo) return NOTHING;
  if (optionsTo - at >= FLAGS_BYTES && u16(at) === OptionCode.packetFlags && u16(at + 2) === 4) {
    const isLast = optionsTo - at < FLAGS_BYTES + 4 || u16(at + FLAGS_BYTES) === OptionCode.end;
    if (isLast) return plain[(bytes[at + (littleEndian ? 4 : 7)] ?? 0) & 3] ?? NOTHING;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const options = new Options({ view, from: at, to: optionsTo, little: littleEndian });
  const flags = options.u32(OptionCode.packetFlags) ?? 0;
  return { comments: options.comments(), direction: directions[flags & 3] ?? null };
}

/** Takes what a reader finds, in file order. What it is given is only good during the call. */
export interface CaptureSink {
  interface(interfaceId: number, found: CaptureInterface): void;
  packet(packet: Readonly<CapturedPacket>): void;
  section?(section: CaptureSection): void;
  statistics?(interfaceId: number, statistics: CaptureStatistics): void;
}

/** Thrown when a file is no capture or is damaged; `offset` is where in the file, in bytes. */
export class CaptureFileError extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(`${message} (at byte ${offset})`);
    this.name = "CaptureFileError";
    this.offset = offset;
  }
}
