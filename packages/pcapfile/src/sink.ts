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
const noOptions: PacketOptions = { comments: [], direction: null };

/** Reads the options of a packet while it is good: only when asked, because few packets have any. */
export function packetOptions(packet: Readonly<CapturedPacket>): PacketOptions {
  const { bytes, optionsFrom, optionsTo, littleEndian } = packet;
  if (optionsFrom === optionsTo) return noOptions;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const options = new Options({ view, from: optionsFrom, to: optionsTo, little: littleEndian });
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
