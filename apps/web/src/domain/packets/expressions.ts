import type { Node } from "../dissect/tree.ts";
import { addressText, bytesText, nodesNamed } from "./nodeText.ts";

/** A display filter for what a node says, as `ip.ttl == 64`; null where there is no way to write it. */
export function termOf({ field, value }: Node): string | null {
  if (field.type === "none" || value === null) return field.name;
  const literal = literalOf(field.type, value);
  if (literal === null) return null;
  return `${field.name} == ${literal}`;
}

function literalOf(type: Node["field"]["type"], value: NonNullable<Node["value"]>): string | null {
  switch (type) {
    case "uint":
    case "bool":
      return typeof value === "number" || typeof value === "bigint" ? String(value) : null;
    case "ipv4":
    case "ipv6":
    case "ether":
      return value instanceof Uint8Array ? addressText(type, value) : null;
    case "bytes":
      return value instanceof Uint8Array && value.length > 0 && value.length <= 64 ? bytesText(value) : null;
    case "text":
      return typeof value === "string" && value.length <= 200 ? quoted(value) : null;
    case "time":
    case "none":
      return null;
  }
}

/** Text as display filters take it. */
export const quoted = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;

/** The filter with one more condition. */
export function including(filter: string, term: string): string {
  const before = filter.trim();
  if (before === "" || before === term) return term;
  return `${/\|\||\bor\b/.test(before) ? `(${before})` : before} && ${term}`;
}

/** The filter without what the term takes. */
export const excluding = (filter: string, term: string): string => including(filter, /^[\w.]+$/.test(term) ? `!${term}` : `!(${term})`);

const RANGE = /(?:^|\s*&&\s*)frame\.time_relative >= ([\d.]+) && frame\.time_relative <= ([\d.]+)/;

/** The stretch that `within` held it to. */
export function rangeIn(filter: string): readonly [from: number, to: number] | null {
  const match = RANGE.exec(filter);
  return match === null ? null : [Number(match[1]), Number(match[2])];
}

/** The filter held to a stretch of time, in seconds from the first packet; it takes the place of an earlier one. Null: to none. */
export function within(filter: string, range: readonly [from: number, to: number] | null): string {
  const rest = filter.replace(RANGE, "").replace(/^\s*&&\s*/, "");
  if (range === null) return rest.trim();
  return including(rest, `frame.time_relative >= ${range[0].toFixed(6)} && frame.time_relative <= ${range[1].toFixed(6)}`);
}

const captureNames: Readonly<Record<string, (value: string) => string>> = {
  "ip.src": (value) => `src host ${value}`,
  "ip.dst": (value) => `dst host ${value}`,
  "ipv6.src": (value) => `src host ${value}`,
  "ipv6.dst": (value) => `dst host ${value}`,
  "ip.addr": (value) => `host ${value}`,
  "ipv6.addr": (value) => `host ${value}`,
  "eth.src": (value) => `ether src ${value}`,
  "eth.dst": (value) => `ether dst ${value}`,
  "eth.type": (value) => `ether proto ${value}`,
  "arp.src.proto_ipv4": (value) => `arp and src host ${value}`,
  "arp.dst.proto_ipv4": (value) => `arp and dst host ${value}`,
  "arp.opcode": (value) => `arp[6:2] == ${value}`,
  "vlan.id": (value) => `vlan ${value}`,
  "ip.proto": (value) => `ip proto ${value}`,
  "ip.ttl": (value) => `ip[8] == ${value}`,
  "ip.id": (value) => `ip[4:2] == ${value}`,
  "ip.len": (value) => `ip[2:2] == ${value}`,
  "ipv6.nxt": (value) => `ip6 proto ${value}`,
  "ipv6.hlim": (value) => `ip6[7] == ${value}`,
  "tcp.srcport": (value) => `tcp src port ${value}`,
  "tcp.dstport": (value) => `tcp dst port ${value}`,
  "tcp.port": (value) => `tcp port ${value}`,
  "udp.srcport": (value) => `udp src port ${value}`,
  "udp.dstport": (value) => `udp dst port ${value}`,
  "udp.port": (value) => `udp port ${value}`,
  "tcp.flags": (value) => `tcp[13] == ${value}`,
  "icmp.type": (value) => `icmp[icmptype] == ${value}`,
  "icmp.code": (value) => `icmp[icmpcode] == ${value}`,
  "icmpv6.type": (value) => `icmp6[icmp6type] == ${value}`,
};
const captureFlags: Readonly<Record<string, string>> = {
  "tcp.flags.syn": "tcp-syn",
  "tcp.flags.ack": "tcp-ack",
  "tcp.flags.fin": "tcp-fin",
  "tcp.flags.reset": "tcp-rst",
  "tcp.flags.push": "tcp-push",
  "tcp.flags.urg": "tcp-urg",
};
/** Protocols and tunnels by name, in tcpdump's language. */
export const captureProtocols: Readonly<Record<string, string>> = {
  eth: "",
  ip: "ip",
  ipv6: "ip6",
  arp: "arp",
  tcp: "tcp",
  udp: "udp",
  icmp: "icmp",
  icmpv6: "icmp6",
  sctp: "sctp",
  vlan: "vlan",
  gre: "ip proto 47",
  vxlan: "udp port 4789",
  geneve: "udp port 6081",
  dns: "port 53",
  dhcp: "port 67 or port 68",
  ntp: "udp port 123",
};

/** A capture filter in tcpdump's language for what a node says; null where there is none. */
export function captureOf(node: Node): string | null {
  const { field, value } = node;
  if (value === null) return captureProtocols[field.name] ?? null;
  const flag = captureFlags[field.name];
  if (flag !== undefined) return `tcp[tcpflags] & ${flag} ${value === 1 ? "!=" : "=="} 0`;
  const write = captureNames[field.name];
  const literal = literalOf(field.type, value);
  return write === undefined || literal === null ? null : write(literal);
}

/** Of a packet's innermost conversation: both addresses and ports. */
function endsOf(layers: readonly Node[]): { addresses: readonly [Node, Node] | null; ports: readonly [Node, Node] | null } {
  const pair = (first: string, second: string): readonly [Node, Node] | null => {
    const [a, b] = [nodesNamed(layers, first).at(-1), nodesNamed(layers, second).at(-1)];
    return a === undefined || b === undefined ? null : [a, b];
  };
  return {
    addresses: pair("ip.src", "ip.dst") ?? pair("ipv6.src", "ipv6.dst") ?? pair("eth.src", "eth.dst"),
    ports: pair("tcp.srcport", "tcp.dstport") ?? pair("udp.srcport", "udp.dstport"),
  };
}

/** Takes what the packet's two ends said to each other, both ways. */
export function conversationTerm(layers: readonly Node[]): string | null {
  const { addresses, ports } = endsOf(layers);
  if (addresses === null) return null;
  const of = (nodes: readonly [Node, Node], suffix: string) =>
    nodes.map((node) => `${node.field.name.split(".")[0] ?? ""}.${suffix} == ${literalOf(node.field.type, node.value ?? "") ?? ""}`);
  return [...of(addresses, "addr"), ...(ports === null ? [] : of(ports, "port"))].join(" && ");
}

/** The same in tcpdump's language. */
export function conversationCapture(layers: readonly Node[]): string | null {
  const { addresses, ports } = endsOf(layers);
  if (addresses === null) return null;
  const ether = addresses[0].field.type === "ether" ? "ether " : "";
  const hosts = addresses.map((node) => `${ether}host ${literalOf(node.field.type, node.value ?? "") ?? ""}`);
  const services = ports?.map((node) => `${node.field.name.split(".")[0] ?? ""} port ${String(node.value)}`) ?? [];
  return [...hosts, ...services].join(" and ");
}
