/**
 * What a packet's headers are, told without taking it apart. Where that is not certain (a tunnel, a fragment, an
 * extension header, anything cut off or odd) the packet is `unsure`, and whoever asks must dissect it.
 */
export const Has = {
  ethernet: 0x01,
  vlan: 0x02,
  arp: 0x04,
  ip: 0x08,
  ipv6: 0x10,
  tcp: 0x20,
  udp: 0x40,
  icmp: 0x80,
  icmpv6: 0x100,
  /** Something is behind the headers named here. */
  payload: 0x200,
  tcpOptions: 0x400,
  unsure: 0x8000,
} as const;

/** LINKTYPE_ values (pcap-linktype(7)): Ethernet, and bare IP, 12 as old files have it. */
const ETHERNET = 1;
const BARE_IP: ReadonlySet<number> = new Set([12, 101]);
/** VXLAN and Geneve put frames into UDP. */
const tunnelPorts: ReadonlySet<number> = new Set([4789, 8472, 6081]);

/** Where headers begin within the packet; reused for all of them. */
export type Headers = { has: number; network: number; transport: number };
/** A packet: view[at … at + capLen). */
export type Span = { view: DataView; at: number; capLen: number; wireLen: number };

/** Writes into `out`. Reads nothing past the captured bytes. */
export function indexHeaders(span: Span, linkType: number, out: Headers): void {
  out.has = Has.unsure;
  out.network = 0;
  out.transport = 0;
  if (linkType === ETHERNET) return indexEthernet(span, out);
  if (!BARE_IP.has(linkType) || span.capLen < 1) return;
  const version = span.view.getUint8(span.at) >> 4;
  if (version === 4) indexIpv4(span, 0, 0, out);
  else if (version === 6) indexIpv6(span, 0, 0, out);
}

function indexEthernet(span: Span, out: Headers): void {
  const { view, at, capLen } = span;
  if (capLen < 14) return;
  let has: number = Has.ethernet;
  let next = 12;
  let type = view.getUint16(at + next);
  if (type === 0x8100) {
    if (capLen < 18) return;
    has |= Has.vlan;
    next = 16;
    type = view.getUint16(at + next); // a second tag is none of the types below
  }
  next += 2;
  if (type === 0x0800) indexIpv4(span, next, has, out);
  else if (type === 0x86dd) indexIpv6(span, next, has, out);
  else if (type === 0x0806) indexArp(span, next, has, out);
}

/** Of IPv4 over Ethernet, whole (RFC 826). */
function indexArp({ view, at, capLen }: Span, network: number, has: number, out: Headers): void {
  if (capLen < network + 28 || view.getUint32(at + network) !== 0x0001_0800 || view.getUint16(at + network + 4) !== 0x0604) return;
  out.network = network;
  out.has = has | Has.arp;
}

function indexIpv4(span: Span, network: number, has: number, out: Headers): void {
  const { view, at, capLen, wireLen } = span;
  if (capLen < network + 20) return;
  const start = at + network;
  const total = view.getUint16(start + 2);
  // options, a fragment, or lengths that contradict each other
  if (view.getUint8(start) !== 0x45 || (view.getUint16(start + 6) & 0x3fff) !== 0 || total < 20 || network + total > wireLen) return;
  out.network = network;
  indexTransport(span, { protocol: view.getUint8(start + 9), at: network + 20, end: network + total, has: has | Has.ip }, out);
}

function indexIpv6(span: Span, network: number, has: number, out: Headers): void {
  const { view, at, capLen, wireLen } = span;
  if (capLen < network + 40 || view.getUint8(at + network) >> 4 !== 6) return;
  const end = network + 40 + view.getUint16(at + network + 4);
  if (end > wireLen) return;
  out.network = network;
  indexTransport(span, { protocol: view.getUint8(at + network + 6), at: network + 40, end, has: has | Has.ipv6 }, out);
}

type Behind = { readonly protocol: number; readonly at: number; readonly end: number; readonly has: number };

/** `at` and `end` of what IP carries, within the packet as it was on the wire. */
function indexTransport(span: Span, { protocol, at, end, has }: Behind, out: Headers): void {
  const { view, capLen } = span;
  const start = span.at + at;
  const captured = Math.min(end, capLen);
  if (protocol === 6) {
    if (captured < at + 20) return;
    const headerLength = (view.getUint8(start + 12) >> 4) * 4;
    if (headerLength < 20 || captured < at + headerLength) return;
    out.has = has | Has.tcp | (headerLength > 20 ? Has.tcpOptions : 0) | (end > at + headerLength ? Has.payload : 0);
  } else if (protocol === 17) {
    if (captured < at + 8) return;
    const length = view.getUint16(start + 4);
    if (length < 8 || at + length > end) return;
    if (tunnelPorts.has(view.getUint16(start)) || tunnelPorts.has(view.getUint16(start + 2))) return;
    out.has = has | Has.udp | (length > 8 ? Has.payload : 0);
  } else if (protocol === 1) {
    // an error message quotes another packet's headers
    if (captured < at + 8 || (view.getUint8(start) !== 8 && view.getUint8(start) !== 0)) return;
    out.has = has | Has.icmp | Has.payload;
  } else if (protocol === 58) {
    if (captured < at + 8 || view.getUint8(start) < 128) return;
    out.has = has | Has.icmpv6 | Has.payload;
  } else return;
  out.transport = at;
}
