import ipaddr from "ipaddr.js";

export type Special = {
  readonly name: string;
  readonly source: string;
  /** Means something outside of one network. */ readonly global: boolean;
};
type Block = Special & { readonly family: 4 | 6; readonly length: number; readonly bits: bigint };

/**
 * IANA's registries of special-purpose, multicast and local-network addresses (iana-ipv4-special-registry,
 * iana-ipv6-special-registry, multicast-addresses, ipv6-multicast-addresses), the more special ones anywhere in the
 * list: the longest prefix that holds an address says what it is. `+`: globally reachable there.
 */
const registry = `
0.0.0.0/8 this network|RFC 791
0.0.0.0/32 unspecified|RFC 1122
10.0.0.0/8 private|RFC 1918
100.64.0.0/10 carrier's shared space|RFC 6598
127.0.0.0/8 loopback|RFC 1122
169.254.0.0/16 link-local|RFC 3927
172.16.0.0/12 private|RFC 1918
192.0.0.0/24 IETF protocol assignments|RFC 6890
192.0.0.0/29 IPv4 service continuity|RFC 7335
192.0.0.8/32 IPv4 dummy address|RFC 7600
192.0.0.9/32 Port Control Protocol anycast|RFC 7723
192.0.0.10/32 TURN anycast|RFC 8155
192.0.0.170/31 NAT64 discovery|RFC 8880
192.0.2.0/24 documentation|RFC 5737
192.31.196.0/24 + AS112|RFC 7535
192.52.193.0/24 + AMT|RFC 7450
192.88.99.0/24 6to4 relay anycast, deprecated|RFC 7526
192.168.0.0/16 private|RFC 1918
192.175.48.0/24 + AS112|RFC 7534
198.18.0.0/15 benchmarking|RFC 2544
198.51.100.0/24 documentation|RFC 5737
203.0.113.0/24 documentation|RFC 5737
224.0.0.0/4 multicast|RFC 5771
224.0.0.0/24 multicast: this link|RFC 5771
224.0.0.1/32 multicast: all systems|RFC 1112
224.0.0.2/32 multicast: all routers|IANA
224.0.0.5/32 multicast: OSPF routers|RFC 2328
224.0.0.6/32 multicast: OSPF designated routers|RFC 2328
224.0.0.9/32 multicast: RIPv2|RFC 1723
224.0.0.13/32 multicast: PIM routers|IANA
224.0.0.18/32 multicast: VRRP|RFC 9568
224.0.0.22/32 multicast: IGMP|RFC 3376
224.0.0.251/32 multicast: mDNS|RFC 6762
224.0.0.252/32 multicast: LLMNR|RFC 4795
224.0.1.1/32 multicast: NTP|RFC 5905
232.0.0.0/8 multicast: one source|RFC 4607
233.0.0.0/8 multicast: GLOP|RFC 3180
239.0.0.0/8 multicast: of an administration|RFC 2365
239.255.255.250/32 multicast: SSDP|IANA
240.0.0.0/4 reserved|RFC 1112
255.255.255.255/32 broadcast|RFC 919
::/128 unspecified|RFC 4291
::1/128 loopback|RFC 4291
64:ff9b::/96 + NAT64|RFC 6052
64:ff9b:1::/48 NAT64, local|RFC 8215
100::/64 discard|RFC 6666
2001::/23 IETF protocol assignments|RFC 2928
2001::/32 Teredo|RFC 4380
2001:1::1/128 + Port Control Protocol anycast|RFC 7723
2001:1::2/128 + TURN anycast|RFC 8155
2001:2::/48 benchmarking|RFC 5180
2001:3::/32 + AMT|RFC 7450
2001:4:112::/48 + AS112|RFC 7535
2001:20::/28 + ORCHIDv2|RFC 7343
2001:30::/28 + drone remote ID|RFC 9374
2001:db8::/32 documentation|RFC 3849
2002::/16 6to4|RFC 3056
2620:4f:8000::/48 + AS112|RFC 7534
3fff::/20 documentation|RFC 9637
5f00::/16 segment routing|RFC 9602
fc00::/7 private|RFC 4193
fe80::/10 link-local|RFC 4291
ff00::/8 multicast|RFC 4291
ff02::/16 multicast: this link|RFC 4291
ff02::1/128 multicast: all nodes|RFC 4291
ff02::2/128 multicast: all routers|RFC 4291
ff02::5/128 multicast: OSPF routers|RFC 5340
ff02::6/128 multicast: OSPF designated routers|RFC 5340
ff02::d/128 multicast: PIM routers|IANA
ff02::12/128 multicast: VRRP|RFC 9568
ff02::16/128 multicast: MLDv2 routers|RFC 9777
ff02::fb/128 multicast: mDNS|RFC 6762
ff02::1:2/128 multicast: DHCP|RFC 8415
ff02::1:3/128 multicast: LLMNR|RFC 4795
ff02::1:ff00:0/104 multicast: neighbour solicitation|RFC 4291
`;

const blocks: readonly Block[] = registry
  .trim()
  .split("\n")
  .map((line) => {
    const [, prefix = "", plus, name = "", source = ""] = /^(\S+) (\+ )?(.+)\|(.+)$/.exec(line) ?? [];
    const [address, length] = ipaddr.parseCIDR(prefix);
    const { family, bits } = numberOf(address);
    return { family, bits, length, name, source, global: plus !== undefined };
  })
  .toSorted((a, b) => b.length - a.length);

function numberOf(address: ipaddr.IPv4 | ipaddr.IPv6): { family: 4 | 6; bits: bigint } {
  const hex = Buffer.from(address.toByteArray()).toString("hex");
  return { family: address.kind() === "ipv4" ? 4 : 6, bits: BigInt(`0x${hex}`) };
}

/** What an address is reserved for; null for an ordinary one. IPv4-mapped ones are taken for the IPv4 they hold. Throws for what is no address. */
export function specialOf(text: string): Special | null {
  const { family, bits } = numberOf(ipaddr.process(text));
  const width = family === 4 ? 32 : 128;
  const block = blocks.find(
    (one) => one.family === family && one.bits >> BigInt(width - one.length) === bits >> BigInt(width - one.length),
  );
  return block === undefined ? null : { name: block.name, source: block.source, global: block.global };
}

/** The one text of an address (RFC 5952), whatever way it was written. Throws for what is no address. */
export function canonical(text: string): string {
  return ipaddr.process(text).toString();
}

/** Kinds that every host has for itself: to whom such an address belongs cannot be told. */
export function isOfOneHost(special: Special | null): boolean {
  return special !== null && ["loopback", "link-local", "unspecified", "this network"].includes(special.name);
}
