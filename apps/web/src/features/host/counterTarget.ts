import type { ProtoClass, SideTotals } from "../../api/totals.ts";
import { exact } from "../../domain/units.ts";
import { plainTarget } from "../app/hostTargets.ts";
import type { ValueTarget } from "../app/valueMenu.tsx";

const classes: Readonly<Record<ProtoClass, { readonly name: string; readonly term: string; readonly capture: string }>> = {
  tcp4: { name: "TCP over IPv4", term: "ip && tcp", capture: "ip and tcp" },
  udp4: { name: "UDP over IPv4", term: "ip && udp", capture: "ip and udp" },
  icmp4: { name: "ICMP", term: "icmp", capture: "icmp" },
  ip4_other: { name: "Other IPv4", term: "ip && !(tcp || udp || icmp)", capture: "ip and not (tcp or udp or icmp)" },
  tcp6: { name: "TCP over IPv6", term: "ipv6 && tcp", capture: "ip6 and tcp" },
  udp6: { name: "UDP over IPv6", term: "ipv6 && udp", capture: "ip6 and udp" },
  icmp6: { name: "ICMPv6", term: "icmpv6", capture: "icmp6" },
  ip6_other: { name: "Other IPv6", term: "ipv6 && !(tcp || udp || icmpv6)", capture: "ip6 and not (tcp or udp or icmp6)" },
  arp: { name: "ARP", term: "arp", capture: "arp" },
  other: { name: "Not IP", term: "!(ip || ipv6 || arp)", capture: "not (ip or ip6 or arp)" },
};

/** A class of protocols that the kernel counts, in words. */
export const className = (name: ProtoClass): string => classes[name].name;

/** The packets of such a class. */
export function classTarget(of: ProtoClass): ValueTarget {
  const { name, term, capture } = classes[of];
  return { ...plainTarget("Protocol", name), term, capture };
}

/** Which bit of the 14th byte of TCP's header each flag is (RFC 9293, section 3.1; RFC 3168 for the last two). */
const flagBits: Readonly<Record<string, number>> = {
  fin: 0x01,
  syn: 0x02,
  rst: 0x04,
  psh: 0x08,
  ack: 0x10,
  urg: 0x20,
  ece: 0x40,
  cwr: 0x80,
};

/** The segments with a TCP flag set, by the name that counters have for it. */
export function flagTarget(flag: string): ValueTarget {
  const bit = flagBits[flag];
  const target = plainTarget("TCP flag", flag.toUpperCase());
  return bit === undefined ? target : { ...target, term: `tcp.flags.${flag} == 1`, capture: `tcp[13] & 0x${bit.toString(16)} != 0` };
}

/** A way through the host: `rx` comes in, `tx` goes out. */
export function sideTarget(side: SideTotals["side"]): ValueTarget {
  const way = side === "rx" ? "in" : "out";
  return { ...plainTarget("Way", way), term: `direction == ${way}` };
}

/** Frame lengths from `least` up to one less than `next`, in bytes; null: without end. */
export const lengthsText = (least: number, next: number | null): string =>
  next === null ? `${exact(least)} and more` : `${exact(least)} to ${exact(next - 1)}`;

/** The frames of such lengths. */
export function lengthsTarget(least: number, next: number | null): ValueTarget {
  const upTo = next === null ? "" : `frame.len <= ${next - 1}`;
  const from = least === 0 ? "" : `frame.len >= ${least}`;
  const term = [from, upTo].filter(Boolean).join(" && ");
  const range = `${least}${next === null ? "" : `-${next - 1}`}`;
  return {
    ...plainTarget("Length", range, lengthsText(least, next)),
    term: term === "" ? null : term,
    capture: term === "" ? null : term.replaceAll("frame.len", "len").replace("&&", "and"),
  };
}
