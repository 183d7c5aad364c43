import { byTcpPort, byUdpPort, tcpHeuristics, udpHeuristics } from "./apps/registry.ts";
import { data } from "./data.ts";
import type { FieldDef } from "./fields.ts";
import { ethernet } from "./link/ethernet.ts";
import { ipv4 } from "./network/ipv4.ts";
import { udp } from "./transport/udp.ts";
import type { Dissection, Dissector, Packet, Tables } from "./types.ts";
import { walk } from "./walk.ts";

/** By LINKTYPE_ number. */
const linkTypes: ReadonlyMap<number, Dissector> = new Map([[1, ethernet]]);
const etherTypes: ReadonlyMap<number, Dissector> = new Map([[0x0800, ipv4]]);
const ipProtocols: ReadonlyMap<number, Dissector> = new Map([[17, udp]]);

const tables: Tables = {
  etherType: (value) => etherTypes.get(value) ?? null,
  ipProtocol: (value) => ipProtocols.get(value) ?? null,
  payload(transport, { bytes, at, end }, { sourcePort, destinationPort }) {
    const ports = transport === "udp" ? byUdpPort : byTcpPort;
    const [low, high] = sourcePort < destinationPort ? [sourcePort, destinationPort] : [destinationPort, sourcePort];
    const heuristics = transport === "udp" ? udpHeuristics : tcpHeuristics;
    return ports.get(low) ?? ports.get(high) ?? heuristics.find((one) => one.claims(bytes, at, end))?.dissector ?? data;
  },
  data,
};

/** Takes a packet apart, outermost layer first. Never throws, and reads nothing past the captured bytes. */
export function dissect(packet: Packet): Dissection {
  const first = linkTypes.get(packet.linkType);
  const dissection = walk(packet, first ?? data, tables);
  return first === undefined ? { ...dissection, protocol: "Unknown", info: `Link type ${packet.linkType}` } : dissection;
}

const dissectors = new Set<Dissector>([
  ...linkTypes.values(),
  ...etherTypes.values(),
  ...ipProtocols.values(),
  ...byUdpPort.values(),
  ...byTcpPort.values(),
  ...[...udpHeuristics, ...tcpHeuristics].map(({ dissector }) => dissector),
  data,
]);

/** Every field of every dissector by its name, protocols among them. */
export const fieldDefs: ReadonlyMap<string, FieldDef> = new Map(
  [...dissectors].flatMap(({ layer, fields }) => [layer, ...fields].map((field) => [field.name, field] as const)),
);
