/**
 * Expressions of pcap-filter(7) by chance, over the grammar as libpcap takes it for Ethernet and bare
 * IP. Values are those of a capture's own packets more often than not, so that filters find something.
 * Left out is what libpcap itself does not answer offline (`inbound`, `ifname`), what asks a resolver,
 * and `protochain`, whose bytecode jumps backwards.
 */
import type { Captured } from "./captures.ts";
import type { Random } from "./random.ts";

/** Values that occur in a capture. */
export type Values = {
  readonly macs: readonly string[];
  readonly hosts4: readonly string[];
  readonly hosts6: readonly string[];
  readonly ports: readonly number[];
  readonly vlans: readonly number[];
  readonly lengths: readonly number[];
  readonly packets: readonly Captured[];
};

const dotted = (bytes: Uint8Array): string => [...bytes].join(".");
const colons = (bytes: Uint8Array): string =>
  [0, 2, 4, 6, 8, 10, 12, 14].map((i) => (((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0)).toString(16)).join(":");
const mac = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(":");

/**
 * Looks where addresses, ports and tags would be, at every place an IP header could start; what is none
 * serves as well. `link` is the length of the link header: 14, or 0 for bare IP.
 */
export function valuesOf(packets: readonly Captured[], link: 14 | 0): Values {
  const sets = {
    macs: new Set<string>(),
    hosts4: new Set<string>(),
    hosts6: new Set<string>(),
    ports: new Set<number>(),
    vlans: new Set<number>(),
  };
  for (const { bytes } of packets) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (link === 14 && bytes.length >= 12) for (const at of [0, 6]) sets.macs.add(mac(bytes.subarray(at, at + 6)));
    if (link === 14 && bytes.length >= 16 && view.getUint16(12) === 0x8100) sets.vlans.add(view.getUint16(14) & 0xfff);
    for (const at of [link, link + 4, link + 8]) {
      const version = (bytes[at] ?? 0) >> 4;
      const header = version === 6 ? 40 : 4 * ((bytes[at] ?? 0) & 15);
      if (header < 20 || bytes.length < at + header + 4 || (version !== 4 && version !== 6)) continue;
      if (version === 4) for (const place of [12, 16]) sets.hosts4.add(dotted(bytes.subarray(at + place, at + place + 4)));
      else for (const place of [8, 24]) sets.hosts6.add(colons(bytes.subarray(at + place, at + place + 16)));
      for (const place of [0, 2]) sets.ports.add(view.getUint16(at + header + place));
    }
  }
  return {
    macs: ["02:00:00:00:00:01", ...sets.macs],
    hosts4: ["192.0.2.1", ...sets.hosts4],
    hosts6: ["2001:db8::1", ...sets.hosts6],
    ports: [53, 443, ...sets.ports],
    vlans: [1, 100, ...sets.vlans],
    lengths: [60, 64, ...new Set(packets.map(({ wireLen }) => wireLen))],
    packets: packets.filter(({ bytes }) => bytes.length > 0),
  };
}

const relations = ["=", "==", "!=", "<", ">", "<=", ">="];
const directions = ["", "", "src ", "dst ", "src or dst ", "src and dst "];
const names = [
  ..."ip ip6 arp rarp tcp udp icmp icmp6 igmp pim ah esp vrrp sctp igrp iso stp ipx atalk aarp decnet netbeui lat".split(" "),
  ..."clnp esis isis pppoed pppoes mpls vlan geneve".split(" "),
  ..."multicast|ip multicast|ip6 multicast|ether multicast|ether broadcast".split("|"),
];
/** IP protocol numbers, and EtherTypes among them. */
const protocols = [1, 2, 4, 6, 17, 41, 47, 50, 51, 58, 132, 0x800, 0x86dd, 0x8100];
const flags = ["tcp-fin", "tcp-syn", "tcp-rst", "tcp-push", "tcp-ack", "tcp-urg", "tcp-ece", "tcp-cwr"];
const accessible = "ether ether ip ip ip6 tcp udp icmp icmp6 arp sctp igmp".split(" ");

/** Makes expressions for one capture. */
export class Expressions {
  readonly #random: Random;
  readonly #values: Values;

  constructor(random: Random, values: Values) {
    this.#random = random;
    this.#values = values;
  }

  /** One expression; `depth` bounds how deep and/or/not nest. */
  next(depth = 3): string {
    const r = this.#random;
    if (depth === 0 || r.once(3)) return this.#primitive();
    switch (r.below(6)) {
      case 0:
        return `${r.pick(["not", "!"])} ${this.#nested(depth)}`;
      case 1:
      case 2:
        return `${this.#nested(depth)} ${r.pick(["and", "&&"])} ${this.#nested(depth)}`;
      default:
        return `${this.#nested(depth)} ${r.pick(["or", "||"])} ${this.#nested(depth)}`;
    }
  }

  #nested(depth: number): string {
    const inner = this.next(depth - 1);
    return this.#random.once(3) ? inner : `(${inner})`;
  }

  #primitive(): string {
    const r = this.#random;
    switch (r.below(14)) {
      case 0:
      case 1:
        return this.#host();
      case 2:
        return this.#net();
      case 3:
      case 4:
        return `${r.pick(["", "", "tcp ", "udp ", "sctp "])}${r.pick(directions)}port ${this.#port()}${r.once(6) ? ` or ${this.#port()}` : ""}`;
      case 5: {
        const [from = 0, to = 0] = [this.#port(), this.#port()].sort((a, b) => a - b);
        return `${r.pick(["", "tcp ", "udp "])}${r.pick(directions)}portrange ${from}-${to}`;
      }
      case 6:
        return `${r.pick(["ip proto", "ip6 proto", "proto", "ether proto"])} ${r.pick(protocols)}`;
      case 7:
        return `${r.pick(["vlan", "vlan", "mpls", "pppoes", "geneve"])} ${r.once(3) ? r.below(4096) : r.pick(this.#values.vlans)}`;
      case 8:
        return `ether ${r.pick(["", "src ", "dst "])}host ${r.pick(this.#values.macs)}`;
      case 9:
        return r.once(3)
          ? `${r.pick(["less", "greater"])} ${r.pick(this.#values.lengths)}`
          : `len ${r.pick(relations)} ${r.pick(this.#values.lengths)}`;
      case 10:
        return this.#access();
      case 11:
        return `${this.#arithmetic(2)} ${r.pick(relations)} ${this.#arithmetic(1)}`;
      default:
        return r.pick(names);
    }
  }

  #port(): number {
    const r = this.#random;
    return r.once(4) ? r.below(65_536) : r.pick(this.#values.ports);
  }

  #host(): string {
    const r = this.#random;
    if (r.once(3)) return `${r.pick(["", "ip6 "])}${r.pick(directions)}host ${r.pick(this.#values.hosts6)}`;
    const other = r.once(6) ? ` or ${r.pick(this.#values.hosts4)}` : "";
    return `${r.pick(["", "", "ip ", "arp ", "rarp "])}${r.pick(directions)}host ${r.pick(this.#values.hosts4)}${other}`;
  }

  #net(): string {
    const r = this.#random;
    const direction = `${r.pick(directions)}net`;
    if (r.once(3)) {
      const bits = 16 * r.between(1, 8);
      const groups = r.pick(this.#values.hosts6).split(":");
      const full = groups.length === 8 ? groups : ["2001", "db8", "0", "0", "0", "0", "0", "1"];
      return `${direction} ${full.map((group, i) => (i * 16 < bits ? group : "0")).join(":")}/${bits}`;
    }
    const bytes = r.pick(this.#values.hosts4).split(".");
    const kept = r.between(1, 4);
    if (r.once(3)) return `${direction} ${bytes.slice(0, kept).join(".")}`;
    const prefix = bytes.map((byte, i) => (i < kept ? byte : "0")).join(".");
    if (r.once(4)) return `${direction} ${prefix} mask ${[0, 1, 2, 3].map((i) => (i < kept ? 255 : 0)).join(".")}`;
    return `${direction} ${prefix}/${8 * kept}`;
  }

  /** A load that holds what some packet has there, or a well-known test. */
  #access(): string {
    const r = this.#random;
    if (r.once(3))
      return `tcp[tcpflags] & (${r.pick(flags)}${r.once(2) ? `|${r.pick(flags)}` : ""}) ${r.pick(["!=", "="])} ${r.pick(["0", r.pick(flags)])}`;
    if (r.once(6))
      return `icmp[icmptype] ${r.pick(["=", "!="])} ${r.pick(["icmp-echo", "icmp-echoreply", "icmp-unreach", "icmp-timxceed"])}`;
    if (this.#values.packets.length === 0) return "ip[0] = 0x45";
    const { bytes } = r.pick(this.#values.packets);
    const size = r.pick([1, 2, 4]);
    const at = r.below(Math.min(bytes.length, r.once(8) ? 9_000 : 90));
    const value = [...bytes.subarray(at, at + size)].reduce((sum, byte) => sum * 256 + byte, 0);
    return `ether[${at}${size === 1 && r.once(2) ? "" : `:${size}`}] ${r.pick(relations)} ${r.once(2) ? value : `0x${value.toString(16)}`}`;
  }

  #arithmetic(depth: number): string {
    const r = this.#random;
    if (depth === 0 || r.once(4)) return this.#operand();
    const operator = r.pick(["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "&"]);
    const right = operator === "<<" || operator === ">>" ? String(r.below(r.once(8) ? 40 : 32)) : this.#arithmetic(depth - 1);
    return `(${this.#arithmetic(depth - 1)} ${operator} ${right})`;
  }

  #operand(): string {
    const r = this.#random;
    switch (r.below(5)) {
      case 0:
        return r.pick(["0", "1", "4", "0xf", "255", "0xffff", "0xffffffff", String(r.below(2 ** 31))]);
      case 1:
        return "len";
      default: {
        const size = r.pick(["", ":1", ":2", ":4"]);
        const offset = r.once(5)
          ? `(${r.pick(accessible)}[${r.below(24)}] & 0x${r.pick(["f", "3f", "ff"])})`
          : r.below(r.once(10) ? 2_000 : 40);
        return `${r.pick(accessible)}[${offset}${size}]`;
      }
    }
  }
}
