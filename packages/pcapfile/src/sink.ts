/** One interface of a capture file; a classic pcap file has exactly one. */
export type CaptureInterface = {
  /** LINKTYPE_ value (pcap-linktype(7)): 1 Ethernet, 101 raw IP, 113 Linux cooked … */
  readonly linkType: number;
  /** 0 when the file does not limit it. */
  readonly snaplen: number;
  readonly name: string | null;
  readonly description: string | null;
};

/** Counters of an interface statistics block; null when the writer did not say. */
export type CaptureStatistics = { readonly received: bigint | null; readonly dropped: bigint | null };

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
  comment: string | null;
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
  comment: null,
});

/** Takes what a reader finds, in file order. What it is given is only good during the call. */
export interface CaptureSink {
  interface(interfaceId: number, found: CaptureInterface): void;
  packet(packet: Readonly<CapturedPacket>): void;
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
