import { byTcpPort, byUdpPort, claimant, tcpHeuristics, udpHeuristics, type Heuristic, type Place } from "./apps/registry.ts";
import { data } from "./data.ts";
import type { FieldDef } from "./fields.ts";
import { ethernet } from "./link/ethernet.ts";
import { arp } from "./link/arp.ts";
import { cooked, cooked2 } from "./link/cooked.ts";
import { loopback } from "./link/loopback.ts";
import { serviceVlan, vlan } from "./link/vlan.ts";
import { icmp } from "./network/icmp.ts";
import { icmpv6 } from "./network/icmpv6.ts";
import { igmp } from "./network/igmp.ts";
import { geneve } from "./tunnel/geneve.ts";
import { gre } from "./tunnel/gre.ts";
import { vxlan } from "./tunnel/vxlan.ts";
import { ipv6 } from "./network/ipv6.ts";
import { authentication, destinationOptions, fragment, hopByHop, routing } from "./network/ipv6Extensions.ts";
import { tcp } from "./transport/tcp.ts";
import { ipv4 } from "./network/ipv4.ts";
import { udp } from "./transport/udp.ts";
import type { Dissection, Dissector, Packet, Tables } from "./types.ts";
import { walk } from "./walk.ts";

/** IP of either version. */
const bareIp = (bytes: Uint8Array): Dissector => ((bytes[0] ?? 0) >> 4 === 6 ? ipv6 : ipv4);

/** What a packet begins with, by LINKTYPE_ number (pcap-linktype(7); 12 and 14 as old files have bare IP). */
export const linkTypes: ReadonlyMap<number, (bytes: Uint8Array) => Dissector> = new Map([
  [0, () => loopback],
  [1, () => ethernet],
  [12, bareIp],
  [14, bareIp],
  [101, bareIp],
  [108, () => loopback],
  [113, () => cooked],
  [228, () => ipv4],
  [229, () => ipv6],
  [276, () => cooked2],
]);
const etherTypes: ReadonlyMap<number, Dissector> = new Map([
  [0x0800, ipv4],
  [0x0806, arp],
  [0x6558, ethernet],
  [0x8035, arp],
  [0x8100, vlan],
  [0x86dd, ipv6],
  [0x88a8, serviceVlan],
]);
const ipProtocols: ReadonlyMap<number, Dissector> = new Map([
  [0, hopByHop],
  [1, icmp],
  [2, igmp],
  [4, ipv4],
  [6, tcp],
  [17, udp],
  [41, ipv6],
  [43, routing],
  [44, fragment],
  [47, gre],
  [51, authentication],
  [58, icmpv6],
  [60, destinationOptions],
]);

const tunnels: ReadonlyMap<number, Dissector> = new Map([
  [4789, vxlan],
  [6081, geneve],
]);
const udpPorts: ReadonlyMap<number, Dissector> = new Map([...tunnels, ...byUdpPort]);

const tables: Tables = {
  etherType: (value) => etherTypes.get(value) ?? null,
  ipProtocol: (value) => ipProtocols.get(value) ?? null,
  payload: (transport, cursor, { sourcePort, destinationPort }) => payloadDissector(transport, cursor, [sourcePort, destinationPort]),
  data,
};

type PayloadReaders = {
  readonly byPort: ReadonlyMap<number, Dissector>;
  /** Asked in this order where neither port has one. */
  readonly heuristics: readonly Heuristic[];
};
export const payloadReaders: Readonly<Record<"tcp" | "udp", PayloadReaders>> = {
  tcp: { byPort: byTcpPort, heuristics: tcpHeuristics },
  udp: { byPort: udpPorts, heuristics: udpHeuristics },
};

/** What reads the payload of a datagram or segment between two ports; "data" where nobody knows it. */
export function payloadDissector(transport: "tcp" | "udp", payload: Place, [source, destination]: readonly [number, number]): Dissector {
  const { byPort, heuristics } = payloadReaders[transport];
  const [low, high] = source < destination ? [source, destination] : [destination, source];
  return byPort.get(low) ?? byPort.get(high) ?? claimant(heuristics, [low, high], payload) ?? data;
}

/** Takes a packet apart, outermost layer first. Never throws, and reads nothing past the captured bytes. */
export function dissect(packet: Packet): Dissection {
  const first = linkTypes.get(packet.linkType)?.(packet.bytes);
  const dissection = walk(packet, first ?? data, tables);
  return first === undefined ? { ...dissection, protocol: "Unknown", info: `Link type ${packet.linkType}` } : dissection;
}

const dissectors = new Set<Dissector>([
  ...[loopback, ethernet, cooked, cooked2],
  ...etherTypes.values(),
  ...ipProtocols.values(),
  ...udpPorts.values(),
  ...byTcpPort.values(),
  ...[...udpHeuristics, ...tcpHeuristics].map(({ dissector }) => dissector),
  data,
]);

/** Every field of every dissector by its name, protocols among them. */
export const fieldDefs: ReadonlyMap<string, FieldDef> = new Map(
  [...dissectors].flatMap(({ layer, fields }) => [layer, ...fields].map((field) => [field.name, field] as const)),
);
