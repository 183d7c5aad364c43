/** Names of numbers on the wire. Sources: IANA protocol-numbers, ieee-802-numbers, icmp-parameters, icmpv6-parameters. */

export const ipProtocols: ReadonlyMap<number, string> = new Map([
  [0, "HOPOPT"],
  [1, "ICMP"],
  [2, "IGMP"],
  [4, "IPIP"],
  [6, "TCP"],
  [17, "UDP"],
  [41, "6in4"],
  [43, "IPv6-Route"],
  [44, "IPv6-Frag"],
  [47, "GRE"],
  [50, "ESP"],
  [51, "AH"],
  [58, "ICMPv6"],
  [59, "IPv6-NoNxt"],
  [60, "IPv6-Opts"],
  [88, "EIGRP"],
  [89, "OSPF"],
  [103, "PIM"],
  [112, "VRRP"],
  [132, "SCTP"],
  [136, "UDP-Lite"],
]);

export const etherTypes: ReadonlyMap<number, string> = new Map([
  [0x0800, "IPv4"],
  [0x0806, "ARP"],
  [0x8035, "RARP"],
  [0x8100, "802.1Q"],
  [0x86dd, "IPv6"],
  [0x8809, "LACP"],
  [0x8847, "MPLS"],
  [0x8848, "MPLS"],
  [0x8863, "PPPoE discovery"],
  [0x8864, "PPPoE"],
  [0x888e, "EAPOL"],
  [0x88a8, "802.1ad"],
  [0x88cc, "LLDP"],
  [0x88e5, "MACsec"],
  [0x88f7, "PTP"],
]);

const icmpTypes: Readonly<Record<number, string>> = {
  0: "echo reply",
  3: "destination unreachable",
  4: "source quench",
  5: "redirect",
  8: "echo request",
  9: "router advertisement",
  10: "router solicitation",
  11: "time exceeded",
  12: "parameter problem",
  13: "timestamp request",
  14: "timestamp reply",
};

const unreachable = ["network", "host", "protocol", "port", "fragmentation needed", "source route failed"] as const;

const icmp6Types: Readonly<Record<number, string>> = {
  1: "destination unreachable",
  2: "packet too big",
  3: "time exceeded",
  4: "parameter problem",
  128: "echo request",
  129: "echo reply",
  130: "multicast listener query",
  131: "multicast listener report",
  132: "multicast listener done",
  133: "router solicitation",
  134: "router advertisement",
  135: "neighbour solicitation",
  136: "neighbour advertisement",
  137: "redirect",
  143: "multicast listener report v2",
};

const tcpFlagBits = [
  [0x02, "SYN"],
  [0x01, "FIN"],
  [0x04, "RST"],
  [0x08, "PSH"],
  [0x10, "ACK"],
  [0x20, "URG"],
  [0x40, "ECE"],
  [0x80, "CWR"],
] as const;

export function ipProtocolName(value: number): string {
  return ipProtocols.get(value) ?? `IP protocol ${value}`;
}

/** An EtherType by name; below 0x600 the field is an 802.3 length. */
export function etherTypeName(value: number): string {
  return etherTypes.get(value) ?? (value < 0x600 ? "802.3" : `EtherType 0x${value.toString(16).padStart(4, "0")}`);
}

/** An ICMP message in words, with its code where that says more. */
export function icmpName(type: number, code: number): string {
  const name = icmpTypes[type] ?? `type ${type}`;
  if (type === 3) return `${name}: ${unreachable[code] ?? `code ${code}`}`;
  return code === 0 ? name : `${name}, code ${code}`;
}

export function icmp6Name(type: number, code: number): string {
  const name = icmp6Types[type] ?? `type ${type}`;
  return code === 0 ? name : `${name}, code ${code}`;
}

/** Set TCP flags in tcpdump's customary order, e.g. `SYN, ACK`; `none` when no bit is set. */
export function tcpFlagNames(bits: number): string {
  const names = tcpFlagBits.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => name);
  return names.length === 0 ? "none" : names.join(", ");
}
