import { interfaceBlock, packetBlock, sectionHeader, statisticsBlock } from "@sonde/pcapfile";
import { Direction, RecordFlag, recordAt } from "@sonde/protocol";
import type { FileCapture, FileHost, FilePart } from "./about.ts";
import { capturedBytes, type MergedPacket } from "./merge.ts";
import { hostComments, lossComment, sectionComments } from "./words.ts";

/** LINKTYPE_ values (pcap-linktype(7)). */
const ETHERNET = 1;
const RAW_IP = 101;
const MAX_TIME = 2n ** 63n - 1n;

type Block = { readonly host: string; packets: bigint };

/** Writes a capture's packets as pcapng, each interface's block before its first packet. */
export class CaptureFile {
  private readonly capture: FileCapture;
  private readonly hostOf: (id: string) => FileHost;
  /** In the order of their blocks; and by host their numbers, by ifindex and kind of link. */
  private readonly blocks: Block[] = [];
  private readonly numbers = new Map<string, Map<number, number>>();

  constructor(capture: FileCapture, hostOf: (id: string) => FileHost) {
    this.capture = capture;
    this.hostOf = hostOf;
  }

  begin(version: string, hosts: readonly FilePart[]): Uint8Array {
    return sectionHeader({ application: `Sonde ${version}`, comments: sectionComments(this.capture, hosts) });
  }

  /** The packet's block, and its interface's where it is the first. */
  packet({ batch, view, at }: MergedPacket): Uint8Array[] {
    const l3 = (view.getUint8(at + recordAt.flags) & RecordFlag.l3) !== 0;
    const ifindex = view.getUint32(at + recordAt.ifindex, true);
    const before: Uint8Array[] = [];
    const own = this.numbers.get(batch.hostId) ?? new Map<number, number>();
    this.numbers.set(batch.hostId, own);
    const key = ifindex * 2 + (l3 ? 1 : 0);
    let interfaceId = own.get(key);
    if (interfaceId === undefined) {
      interfaceId = this.blocks.push({ host: batch.hostId, packets: 0n }) - 1;
      own.set(key, interfaceId);
      before.push(this.interface(this.hostOf(batch.hostId), ifindex, l3));
    }
    this.blocks[interfaceId]!.packets++;
    const bytes = capturedBytes(view, at, this.capture.snaplen);
    const tsNs = view.getBigUint64(at + recordAt.tsNs, true) + batch.bootToWallNs;
    const block = packetBlock({
      interfaceId,
      tsNs: tsNs < 0n ? 0n : tsNs > MAX_TIME ? MAX_TIME : tsNs,
      wireLen: Math.max(bytes.length, view.getUint32(at + recordAt.wireLen, true)),
      bytes,
      direction: view.getUint8(at + recordAt.direction) === Direction.ingress ? "in" : "out",
    });
    return [...before, block];
  }

  /**
   * Statistics of every interface, as of `hosts`. What matched and was lost is counted per host: the host's first
   * interface has what the packets of the others leave, so that the sums are right, and says so.
   */
  end(hosts: readonly FilePart[], nowMs: number): Uint8Array[] {
    const byId = new Map(hosts.map((host) => [host.hostId, host]));
    const first = new Set<string>();
    return this.blocks.map(({ host: id, packets }, interfaceId) => {
      const host = byId.get(id) ?? this.hostOf(id);
      const isFirst = !first.has(id);
      first.add(id);
      const others = this.blocks.reduce((sum, one, i) => (one.host === id && i !== interfaceId ? sum + one.packets : sum), 0n);
      const rest = host.matched - others > packets ? host.matched - others : packets;
      return statisticsBlock({
        interfaceId,
        startNs: ns(host.startedAt?.getTime() ?? this.capture.createdAt.getTime()),
        endNs: ns(host.endedAt?.getTime() ?? nowMs),
        received: isFirst ? rest : packets,
        filterAccepted: isFirst ? rest : packets,
        dropped: isFirst ? host.lost : 0n,
        comments: [lossComment(host)],
      });
    });
  }

  private interface(host: FileHost, ifindex: number, l3: boolean): Uint8Array {
    const known = host.interfaces.get(ifindex);
    const { expression } = this.capture;
    return interfaceBlock({
      linkType: l3 ? RAW_IP : ETHERNET,
      snaplen: host.snaplen ?? this.capture.snaplen,
      name: `${host.name}/${known?.name ?? `if${ifindex}`}`,
      ...(known ? { description: known.description } : {}),
      ...(expression === "" ? {} : { filter: expression }),
      ...(host.os === null ? {} : { os: host.os }),
      ...(host.hardware === null ? {} : { hardware: host.hardware }),
      comments: hostComments(this.capture, host),
    });
  }
}

function ns(ms: number): bigint {
  return BigInt(ms) * 1_000_000n;
}
