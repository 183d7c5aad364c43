import { FlowEnd, Direction, parseErrors, tcpFlagNames, tunnelTypes, verdicts } from "@sonde/protocol";
import type { AddressColumn, Field, Guard, Names, NumberColumn, RowKind, TextColumn } from "./fieldTypes.ts";

/** Protocol numbers: IANA protocol-numbers. */
const ICMP = 1;
const TCP = 6;
const UDP = 17;
const ICMP6 = 58;
const SCTP = 132;
const withPorts: Guard = { column: "protocol", oneOf: [TCP, UDP, SCTP] };
const protocols: Names = new Map([
  ["icmp", ICMP],
  ["igmp", 2],
  ["ipip", 4],
  ["tcp", TCP],
  ["udp", UDP],
  ["6in4", 41],
  ["gre", 47],
  ["esp", 50],
  ["ah", 51],
  ["icmpv6", ICMP6],
  ["ospf", 89],
  ["pim", 103],
  ["vrrp", 112],
  ["sctp", SCTP],
]);
const noNames: Names = new Map();
const both: readonly RowKind[] = ["flows", "packets"];
const flows: readonly RowKind[] = ["flows"];
const packets: readonly RowKind[] = ["packets"];

const is = (column: NumberColumn, ...oneOf: number[]): Guard => ({ column, oneOf });
const namesOf = (names: readonly (string | undefined)[], from = 0): Names =>
  new Map(names.flatMap((name, i) => (name === undefined || i < from ? [] : [[name, i]])));

type More = { kinds?: readonly RowKind[]; guards?: readonly Guard[] };
const presence = (doc: string, ...guards: Guard[]): Field => ({ type: "presence", columns: [], doc, kinds: both, guards });
const number = (
  doc: string,
  columns: readonly NumberColumn[],
  {
    min = 0,
    max,
    unit = "none",
    names = noNames,
    kinds = both,
    guards = [],
  }: More & { min?: number; max: number; unit?: "none" | "count" | "duration"; names?: Names },
): Field => ({ type: "number", columns, min, max, unit, names, doc, kinds, guards });
const named = (doc: string, column: NumberColumn, names: Names, { kinds = both, guards = [] }: More = {}): Field => ({
  type: "name",
  columns: [column],
  names,
  doc,
  kinds,
  guards,
});
const text = (doc: string, column: TextColumn): Field => ({ type: "text", columns: [column], doc, kinds: both, guards: [] });
const addresses = (doc: string, columns: readonly AddressColumn[], family: 6 | null): Field => ({
  type: "address",
  columns,
  family,
  doc,
  kinds: both,
  guards: [family === null ? { column: "family", not: 0 } : is("family", 6)],
});
const port = (doc: string, columns: readonly NumberColumn[], guard: Guard): Field => number(doc, columns, { max: 0xffff, guards: [guard] });
const flag = (doc: string, bit: number): Field => ({
  type: "flag",
  columns: ["tcp_flags"],
  bit,
  doc,
  kinds: both,
  guards: [is("protocol", TCP)],
});

const ends = ["source_port", "destination_port"] as const;
const BOTH_ENDS = ["source_address", "destination_address"] as const;
const bitOf = (name: (typeof tcpFlagNames)[number]): number => tcpFlagNames.indexOf(name);
const MAX_COUNT = Number.MAX_SAFE_INTEGER;
const MAX_U32 = 0xffff_ffff;
const tunnelNumber = (name: (typeof tunnelTypes)[number]): number => tunnelTypes.indexOf(name);
const inTunnel: Guard = { column: "tunnel", not: 0 };

const table = {
  "ip.addr": addresses("IPv4 or IPv6 address of either end", BOTH_ENDS, null),
  "ip.src": addresses("IPv4 or IPv6 source address", ["source_address"], null),
  "ip.dst": addresses("IPv4 or IPv6 destination address", ["destination_address"], null),
  "ipv6.addr": addresses("IPv6 address of either end", BOTH_ENDS, 6),
  "ipv6.src": addresses("IPv6 source address", ["source_address"], 6),
  "ipv6.dst": addresses("IPv6 destination address", ["destination_address"], 6),
  "ip.version": number("4 or 6", ["family"], { min: 4, max: 6, guards: [{ column: "family", not: 0 }] }),
  "ip.proto": number("protocol after IP, as number or name", ["protocol"], {
    max: 255,
    names: protocols,
    guards: [{ column: "family", not: 0 }],
  }),
  ip: presence("IPv4", is("family", 4)),
  ipv6: presence("IPv6", is("family", 6)),
  tcp: presence("TCP", is("protocol", TCP)),
  udp: presence("UDP", is("protocol", UDP)),
  sctp: presence("SCTP", is("protocol", SCTP)),
  icmp: presence("ICMP of IPv4", is("protocol", ICMP)),
  icmpv6: presence("ICMP of IPv6", is("protocol", ICMP6)),
  port: port("port of either end: TCP, UDP or SCTP", ends, withPorts),
  srcport: port("source port: TCP, UDP or SCTP", ["source_port"], withPorts),
  dstport: port("destination port: TCP, UDP or SCTP", ["destination_port"], withPorts),
  "tcp.port": port("TCP port of either end", ends, is("protocol", TCP)),
  "tcp.srcport": port("TCP source port", ["source_port"], is("protocol", TCP)),
  "tcp.dstport": port("TCP destination port", ["destination_port"], is("protocol", TCP)),
  "udp.port": port("UDP port of either end", ends, is("protocol", UDP)),
  "udp.srcport": port("UDP source port", ["source_port"], is("protocol", UDP)),
  "udp.dstport": port("UDP destination port", ["destination_port"], is("protocol", UDP)),
  "sctp.port": port("SCTP port of either end", ends, is("protocol", SCTP)),
  "sctp.srcport": port("SCTP source port", ["source_port"], is("protocol", SCTP)),
  "sctp.dstport": port("SCTP destination port", ["destination_port"], is("protocol", SCTP)),
  "icmp.type": number("type of an ICMP message", ["icmp_type"], { max: 255, guards: [is("protocol", ICMP)] }),
  "icmp.code": number("code of an ICMP message", ["icmp_code"], { max: 255, guards: [is("protocol", ICMP)] }),
  "icmpv6.type": number("type of an ICMPv6 message", ["icmp_type"], { max: 255, guards: [is("protocol", ICMP6)] }),
  "icmpv6.code": number("code of an ICMPv6 message", ["icmp_code"], { max: 255, guards: [is("protocol", ICMP6)] }),
  "tcp.flags": number("all TCP flags as one number; of a flow those of all its segments", ["tcp_flags"], {
    max: 255,
    guards: [is("protocol", TCP)],
  }),
  "tcp.flags.syn": flag("SYN is set", bitOf("syn")),
  "tcp.flags.ack": flag("ACK is set", bitOf("ack")),
  "tcp.flags.fin": flag("FIN is set", bitOf("fin")),
  "tcp.flags.rst": flag("RST is set", bitOf("rst")),
  "tcp.flags.psh": flag("PSH is set", bitOf("psh")),
  "tcp.flags.urg": flag("URG is set", bitOf("urg")),
  "tcp.flags.ece": flag("ECE is set", bitOf("ece")),
  "tcp.flags.cwr": flag("CWR is set", bitOf("cwr")),
  vlan: presence("carries an 802.1Q or 802.1ad tag", { column: "vlan", not: -1 }),
  "vlan.id": number("VLAN of the outer tag", ["vlan"], { max: 4095, guards: [{ column: "vlan", not: -1 }] }),
  "vlan.inner": number("VLAN of the inner tag", ["vlan_inner"], {
    max: 4095,
    kinds: flows,
    guards: [{ column: "vlan_inner", not: -1 }],
  }),
  tunnel: presence("carried by a tunnel", inTunnel),
  "tunnel.type": named("what carries it", "tunnel", namesOf(tunnelTypes, 1), { guards: [inTunnel] }),
  "tunnel.id": number("network identifier or key of the tunnel", ["tunnel_id"], { max: MAX_U32, kinds: flows, guards: [inTunnel] }),
  vxlan: presence("carried by VXLAN", is("tunnel", tunnelNumber("vxlan"))),
  "vxlan.vni": number("network identifier of VXLAN", ["tunnel_id"], {
    max: 0xff_ffff,
    kinds: flows,
    guards: [is("tunnel", tunnelNumber("vxlan"))],
  }),
  geneve: presence("carried by Geneve", is("tunnel", tunnelNumber("geneve"))),
  "geneve.vni": number("network identifier of Geneve", ["tunnel_id"], {
    max: 0xff_ffff,
    kinds: flows,
    guards: [is("tunnel", tunnelNumber("geneve"))],
  }),
  gre: presence("carried by GRE", is("tunnel", tunnelNumber("gre"))),
  "gre.key": number("key of GRE", ["tunnel_id"], { max: MAX_U32, kinds: flows, guards: [is("tunnel", tunnelNumber("gre"))] }),
  ipip: presence("carried by IP in IP", is("tunnel", tunnelNumber("ipip"))),
  interface: text("name of the interface", "interface"),
  direction: named(
    "in or out of the host",
    "direction",
    new Map([
      ["in", Direction.ingress],
      ["out", Direction.egress],
    ]),
  ),
  verdict: named("what became of it; of a flow, of its last packet", "verdict", namesOf(verdicts)),
  malformed: named("a header that makes no sense, and why", "malformed", namesOf(parseErrors, 1), {
    kinds: packets,
    guards: [{ column: "malformed", not: 0 }],
  }),
  "host.name": text("name of the host", "host_name"),
  "host.id": text("id of the host", "host_id"),
  "flow.bytes": number("bytes of the flow record", ["bytes"], { max: MAX_COUNT, unit: "count", kinds: flows }),
  "flow.packets": number("packets on the wire", ["packets"], { max: MAX_COUNT, unit: "count", kinds: flows }),
  "flow.frames": number("frames as the host saw them", ["frames"], { max: MAX_COUNT, unit: "count", kinds: flows }),
  "flow.duration": number("from first to last packet of the record", ["duration"], { max: MAX_COUNT, unit: "duration", kinds: flows }),
  "flow.end_reason": named(
    "why the record was written",
    "end_reason",
    new Map([
      ["idle", FlowEnd.idle],
      ["active", FlowEnd.active],
      ["end", FlowEnd.detected],
      ["forced", FlowEnd.forced],
      ["resources", FlowEnd.noResources],
    ]),
    { kinds: flows },
  ),
  "frame.len": number("length of the frame on the wire", ["wire_len"], { max: MAX_U32, unit: "count", kinds: packets }),
} as const satisfies Record<string, Field>;

const LABEL = "host.label.";
const label = text("label of the host", "label");

type PlainField = keyof typeof table;
/** A field by its own name, or a host's label by its key. */
export type FieldName = PlainField | `host.label.${string}`;

/** All fields but the labels, in the order of the documentation. */
export const fieldNames = Object.keys(table) as readonly PlainField[];

export function fieldOf(name: FieldName): Field {
  return isLabel(name) ? label : table[name];
}

function isLabel(name: string): name is `host.label.${string}` {
  return name.startsWith(LABEL);
}

/** The key of a field host.label.KEY; null of any other. */
export function labelKey(name: string): string | null {
  return isLabel(name) ? name.slice(LABEL.length) : null;
}

/** Other names: Wireshark's own, and those of ECS. */
const aliases: ReadonlyMap<string, PlainField> = new Map([
  ["ipv6.nxt", "ip.proto"],
  ["ip.protocol", "ip.proto"],
  ["tcp.flags.reset", "tcp.flags.rst"],
  ["tcp.flags.push", "tcp.flags.psh"],
  ["tcp.flags.ecn", "tcp.flags.ece"],
  ["frame.interface_name", "interface"],
  ["vlan.outer", "vlan.id"],
  ["source.address", "ip.src"],
  ["source.ip", "ip.src"],
  ["source.port", "srcport"],
  ["destination.address", "ip.dst"],
  ["destination.ip", "ip.dst"],
  ["destination.port", "dstport"],
  ["network.transport", "ip.proto"],
]);

/** The field that a text names; null when there is none. The key of a label is the caller's to check. */
export function fieldNamed(name: string): FieldName | null {
  if (name.startsWith(LABEL)) return `${LABEL}${name.slice(LABEL.length)}`;
  return Object.hasOwn(table, name) ? (name as PlainField) : (aliases.get(name) ?? null);
}
