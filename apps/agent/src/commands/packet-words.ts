import { EtherType, type Headers, Protocol, hasPorts, isIp } from "../capture/headers.ts";
import { packetEnd } from "../capture/ip-packet.ts";

/** Bits of the TCP flags byte as tcpdump writes them (its print-tcp.c tcp_flag_values). */
const FLAG_LETTERS = [
  [0x01, "F"],
  [0x02, "S"],
  [0x04, "R"],
  [0x08, "P"],
  [0x20, "U"],
  [0x40, "E"],
  [0x80, "W"],
  [0x10, "."],
] as const;

export type Frame = {
  /** What was captured of it. */
  readonly bytes: DataView;
  /** Its length on the wire. */
  readonly length: number;
  /** Where it would end among the captured bytes, had all been captured. */
  readonly end: number;
};

/**
 * One packet in tcpdump's words, without its malformed case. `length` in them is the payload's where the headers
 * were captured, else the frame's, and says so. `carried` stands for the payload of a tunnel.
 */
export function packetWords(headers: Headers, frame: Frame, carried?: string): string {
  return vlanWords(headers) + networkWords(headers, frame, carried);
}

const vlanWords = ({ vlans }: Headers): string => vlans.map((id) => `vlan ${id}, `).join("");

function networkWords(headers: Headers, frame: Frame, carried: string | undefined): string {
  const { etherType, ends } = headers;
  if (etherType === EtherType.arp) return ends === undefined ? "ARP" : arpWords(ends, headers.sport);
  if (isIp(etherType)) return ends === undefined ? frameWords(frame) : ipWords({ ...headers, ends }, frame, carried);
  const type = `ethertype 0x${etherType.toString(16).padStart(4, "0")}`;
  return etherType === 0 ? frameWords(frame) : `${type}, ${frameWords(frame)}`;
}

const frameWords = ({ length }: Frame): string => `frame length ${length}`;

type Ends = NonNullable<Headers["ends"]>;

function arpWords({ source, destination }: Ends, operation: number): string {
  if (operation === 1) return `ARP, Request who-has ${destination} tell ${source}`;
  return operation === 2 ? `ARP, Reply ${source} to ${destination}` : `ARP, operation ${operation}`;
}

function ipWords(headers: Headers & { readonly ends: Ends }, frame: Frame, carried: string | undefined): string {
  const { etherType, ends, fragment } = headers;
  const port = (number: number): string => (hasPorts(headers) ? `.${number}` : "");
  const flow = `${ends.source}${port(headers.sport)} > ${ends.destination}${port(headers.dport)}`;
  const what = carried ?? transportWords(headers, frame);
  return `${etherType === EtherType.ipv6 ? "IP6" : "IP"} ${flow}: ${fragment ? "fragment, " : ""}${what}`;
}

function transportWords(headers: Headers, frame: Frame): string {
  const { transport, ipProtocol, sport } = headers;
  if (!transport) return `protocol ${ipProtocol}, ${frameWords(frame)}`;
  switch (ipProtocol) {
    case Protocol.tcp:
      return tcpWords(headers, frame);
    case Protocol.udp: {
      const length = capturedAt(headers, frame, 8)?.getUint16(4);
      return length === undefined ? `UDP, ${frameWords(frame)}` : `UDP, length ${Math.max(0, length - 8)}`;
    }
    case Protocol.sctp:
      return `sctp, ${frameWords(frame)}`;
    default:
      return `${ipProtocol === Protocol.icmp ? "ICMP" : "ICMP6"}, type ${sport >> 8}, code ${sport & 255}, ${frameWords(frame)}`;
  }
}

function tcpWords(headers: Headers, frame: Frame): string {
  const { tcpFlags, l3, l4 } = headers;
  const letters = FLAG_LETTERS.map(([bit, letter]) => ((tcpFlags & bit) === 0 ? "" : letter)).join("");
  const flags = `Flags [${letters === "" ? "none" : letters}]`;
  const header = capturedAt(headers, frame, 20);
  if (header === null) return `${flags}, ${frameWords(frame)}`;
  const payload = Math.max(0, packetEnd(frame.bytes, l3, frame.end) - l4 - (header.getUint8(12) >> 4) * 4);
  const seq = header.getUint32(4);
  const range = payload === 0 ? String(seq) : `${seq}:${(seq + payload) >>> 0}`;
  const ack = (tcpFlags & 0x10) === 0 ? "" : `, ack ${header.getUint32(8)}`;
  return `${flags}, seq ${range}${ack}, win ${header.getUint16(14)}, length ${payload}`;
}

/** The transport header, or null when fewer than `size` of its bytes were captured. */
function capturedAt({ l4 }: Headers, { bytes }: Frame, size: number): DataView | null {
  return l4 === 0 || l4 + size > bytes.byteLength ? null : new DataView(bytes.buffer, bytes.byteOffset + l4, size);
}
