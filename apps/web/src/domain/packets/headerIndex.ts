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

/** A packet, view[at … at + capLen), bits of `Has`, and where headers begin within it. One object is reused for all packets. */
export type HeaderPlace = {
  view: DataView;
  at: number;
  capLen: number;
  wireLen: number;
  has: number;
  network: number;
  transport: number;
};

/** Says what a packet has. Reads nothing past the captured bytes. */
export function indexHeaders(place: HeaderPlace, linkType: number): void {
  place.has = Has.unsure;
  place.network = 0;
  place.transport = 0;
  if (linkType === ETHERNET) return indexEthernet(place);
  if (!BARE_IP.has(linkType) || place.capLen < 1) return;
  const version = place.view.getUint8(place.at) >> 4;
  if (version === 4) indexIpv4(place, 0, 0);
  else if (version === 6) indexIpv6(place, 0, 0);
}

function indexEthernet(place: HeaderPlace): void {
  const { view, at, capLen } = place;
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
  if (type === 0x0800) indexIpv4(place, next, has);
  else if (type === 0x86dd) indexIpv6(place, next, has);
  else if (type === 0x0806) indexArp(place, next, has);
}

/** Of IPv4 over Ethernet, whole (RFC 826). */
function indexArp(place: HeaderPlace, network: number, has: number): void {
  const { view, at, capLen } = place;
  if (capLen < network + 28 || view.getUint32(at + network) !== 0x0001_0800 || view.getUint16(at + network + 4) !== 0x0604) return;
  place.network = network;
  place.has = has | Has.arp;
}

function indexIpv4(place: HeaderPlace, network: number, has: number): void {
  const { view, at, capLen, wireLen } = place;
  if (capLen < network + 20) return;
  const start = at + network;
  const total = view.getUint16(start + 2);
  // options, a fragment, or lengths that contradict each other
  if (view.getUint8(start) !== 0x45 || (view.getUint16(start + 6) & 0x3fff) !== 0 || total < 20 || network + total > wireLen) return;
  place.network = network;
  place.transport = network + 20;
  indexTransport(place, has | Has.ip, transportBits(place, view.getUint8(start + 9), network + total));
}

function indexIpv6(place: HeaderPlace, network: number, has: number): void {
  const { view, at, capLen, wireLen } = place;
  if (capLen < network + 40 || view.getUint8(at + network) >> 4 !== 6) return;
  const end = network + 40 + view.getUint16(at + network + 4);
  if (end > wireLen) return;
  place.network = network;
  place.transport = network + 40;
  indexTransport(place, has | Has.ipv6, transportBits(place, view.getUint8(at + network + 6), end));
}

/** `bits`: what IP carries; 0 where that is not certain. */
function indexTransport(place: HeaderPlace, has: number, bits: number): void {
  if (bits === 0) place.transport = 0;
  else place.has = has | bits;
}

/** Of what begins at `transport` and ends at `end`, within the packet as it was on the wire. */
function transportBits({ view, at, capLen, transport }: HeaderPlace, protocol: number, end: number): number {
  const start = at + transport;
  const captured = Math.min(end, capLen);
  if (protocol === 6) {
    if (captured < transport + 20) return 0;
    const headerLength = (view.getUint8(start + 12) >> 4) * 4;
    if (headerLength < 20 || captured < transport + headerLength) return 0;
    return Has.tcp | (headerLength > 20 ? Has.tcpOptions : 0) | (end > transport + headerLength ? Has.payload : 0);
  }
  if (captured < transport + 8) return 0;
  if (protocol === 17) {
    const length = view.getUint16(start + 4);
    if (length < 8 || transport + length > end) return 0;
    if (tunnelPorts.has(view.getUint16(start)) || tunnelPorts.has(view.getUint16(start + 2))) return 0;
    return Has.udp | (length > 8 ? Has.payload : 0);
  }
  const type = view.getUint8(start);
  if (protocol === 1) return type === 8 || type === 0 ? Has.icmp | Has.payload : 0; // an error message quotes another packet's headers
  return protocol === 58 && type >= 128 ? Has.icmpv6 | Has.payload : 0;
}
