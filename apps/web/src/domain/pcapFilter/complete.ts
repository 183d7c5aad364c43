/** What pcap-filter(7) of libpcap 1.10 knows, with a line on each. Only what works on Ethernet and bare IP. */
const primitives: readonly (readonly [label: string, detail: string])[] = [
  ["host", "address of either end"],
  ["src host", "source address"],
  ["dst host", "destination address"],
  ["net", "network of either end: 10.0.0.0/8"],
  ["src net", "network of the source"],
  ["dst net", "network of the destination"],
  ["port", "port of either end"],
  ["src port", "source port"],
  ["dst port", "destination port"],
  ["portrange", "ports from-to of either end"],
  ["tcp", "TCP"],
  ["tcp port", "TCP port of either end"],
  ["udp", "UDP"],
  ["udp port", "UDP port of either end"],
  ["icmp", "ICMP of IPv4"],
  ["icmp6", "ICMP of IPv6"],
  ["arp", "ARP"],
  ["ip", "IPv4"],
  ["ip6", "IPv6"],
  ["sctp", "SCTP"],
  ["ip proto", "protocol number after IPv4"],
  ["ip6 proto", "protocol number after IPv6"],
  ["ether host", "Ethernet address of either end"],
  ["ether proto", "EtherType"],
  ["vlan", "802.1Q tag; what follows is read behind it"],
  ["mpls", "MPLS label"],
  ["less", "frames of at most so many bytes"],
  ["greater", "frames of at least so many bytes"],
  ["broadcast", "sent to all"],
  ["multicast", "sent to a group"],
  ["tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", "beginnings and ends of connections"],
  ["tcp[tcpflags] & tcp-rst != 0", "resets"],
  ["tcp[tcpflags] == tcp-syn", "first packets of connections"],
  ["icmp[icmptype] == icmp-echo", "pings of IPv4"],
  ["not", "what does not match the rest"],
];
const joins: typeof primitives = [
  ["and", "both hold"],
  ["or", "one of them holds"],
  ["and not", "and the next does not hold"],
];
/** Behind these a value is wanted, which nobody can guess. */
const WANTS_VALUE = /^(host|net|port|portrange|proto|less|greater|mask|gateway)$/i;
const OPENS = /^(|and|or|not|&&|\|\||!|\()$/i;
const MAX_OPTIONS = 40;

export type PcapOffer = {
  readonly from: number;
  readonly to: number;
  readonly options: readonly { readonly label: string; readonly detail: string }[];
};

/** What may stand at a position of a pcap-filter expression that is being written; UTF-16 units. A guess: libpcap judges. */
export function completePcap(text: string, position: number): PcapOffer {
  const before = text.slice(0, position);
  const typed = /[A-Za-z0-9.:/-]*$/.exec(before)?.[0] ?? "";
  const from = before.length - typed.length;
  const to = position + (/^[A-Za-z0-9.:/-]*/.exec(text.slice(position))?.[0].length ?? 0);
  const last = /(\S+)\s*$/.exec(before.slice(0, from))?.[1] ?? "";
  const word = /([A-Za-z0-9]+|\(|&&|\|\||!)$/.exec(last)?.[1] ?? last;
  if (WANTS_VALUE.test(word)) return { from, to, options: [] };
  const possible = OPENS.test(word) ? primitives : /^(src|dst)$/i.test(word) ? ends(word) : [...joins, ...behind(word)];
  const small = typed.toLowerCase();
  const begins = possible.filter(([label]) => label.startsWith(small));
  const holds = possible.filter(([label]) => !label.startsWith(small) && label.includes(small));
  return { from, to, options: [...begins, ...holds].slice(0, MAX_OPTIONS).map(([label, detail]) => ({ label, detail })) };
}

const ends = (word: string): typeof primitives => [
  ["host", word === "src" ? "source address" : "destination address"],
  ["net", "its network"],
  ["port", "its port"],
  ["portrange", "its ports from-to"],
];

/** What may go on from a protocol. */
function behind(word: string): typeof primitives {
  if (!/^(tcp|udp|sctp|ip|ip6|ether)$/i.test(word)) return [];
  const kinds = primitives.filter(([label]) => label.startsWith(`${word.toLowerCase()} `));
  const rest = kinds.map(([label, detail]) => [label.slice(word.length + 1), detail] as const);
  return /^(tcp|udp|sctp)$/i.test(word) ? [...rest, ["src port", "source port"], ["dst port", "destination port"]] : rest;
}
