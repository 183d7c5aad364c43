import { closeSync, openSync } from "node:fs";
import { interfaceBlock, packetBlock, pcapHeader, pcapRecord, sectionHeader } from "@sonde/pcapfile";
import type { FilePacket } from "./capture-file.ts";
import { writeAll } from "./descriptor.ts";

const SNAPLEN = 262_144;
const ETHERNET = 1;

/**
 * Writes packets to a file: pcapng where its name ends in .pcapng, else pcap with nanoseconds. "-" is
 * standard output. Throws LinkTypesError for packets of a second link type in a pcap file, and what the
 * file system throws.
 */
export class CaptureWriter {
  readonly #file: number;
  readonly #pcapng: boolean;
  readonly #application: string;
  /** Link type → number of its interface. */
  readonly #interfaces = new Map<number, number>();

  constructor(path: string, application: string) {
    this.#file = path === "-" ? 1 : openSync(path, "w");
    this.#pcapng = path.endsWith(".pcapng");
    this.#application = application;
    if (this.#pcapng) this.#put(sectionHeader({ application }));
  }

  write(packet: FilePacket): void {
    const interfaceId = this.#interfaceOf(packet.linkType);
    const { seconds, nanoseconds, wireLen, bytes } = packet;
    if (!this.#pcapng) return this.#put(pcapRecord(packet));
    this.#put(packetBlock({ interfaceId, tsNs: BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds), wireLen, bytes }));
  }

  /** A file without packets is a capture file too. */
  close(): void {
    if (this.#interfaces.size === 0) this.#interfaceOf(ETHERNET);
    if (this.#file !== 1) closeSync(this.#file);
  }

  #interfaceOf(linkType: number): number {
    const known = this.#interfaces.get(linkType);
    if (known !== undefined) return known;
    const number = this.#interfaces.size;
    if (number > 0 && !this.#pcapng) throw new LinkTypesError();
    this.#interfaces.set(linkType, number);
    this.#put(
      this.#pcapng ? interfaceBlock({ linkType, snaplen: SNAPLEN, name: this.#application }) : pcapHeader({ linkType, snaplen: SNAPLEN }),
    );
    return number;
  }

  #put(bytes: Uint8Array): void {
    writeAll(this.#file, bytes);
  }
}

/** A pcap file holds packets of one link type. */
export class LinkTypesError extends Error {
  override readonly name = "LinkTypesError";
  constructor() {
    super("the packets are of several link types, which only pcapng can hold: give the file a name that ends in .pcapng");
  }
}
