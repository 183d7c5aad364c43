/** What the kernel's parser saw of a packet, held against tshark's view of the same packet. */
import type { DecodedPacket } from "../../apps/agent/src/capture/decoded.ts";
import type { Dissected, Field, Layer } from "../support/tshark.ts";
import { type Level, levelAt } from "./levels.ts";

/** Of the packet itself or of what its tunnel carries. */
type Headers = Omit<DecodedPacket, "packet" | "frame.length" | "frame.captured" | "tunnel" | "malformed">;
type Asked = {
  readonly ours: Headers;
  readonly level: Level;
  /** The malformed case of these headers, by its outer name. */
  readonly malformed: string | undefined;
  readonly inTunnel: boolean;
  readonly expect: Expect;
};
type Expect = (name: keyof Headers, wanted: unknown) => void;

const VXLAN = 4789;
const GENEVE = 6081;

/** The last field that the parser needs of a layer: what tshark finds malformed behind it the parser does not read. */
const lastRead: Readonly<Record<string, readonly Field[]>> = {
  eth: ["eth.type", "eth.len"],
  vlan: ["vlan.etype", "vlan.len"],
  ieee8021ad: ["ieee8021ah.etype"],
  arp: ["arp.opcode"],
  ip: ["ip.src"], // cut in the options, tshark shows no destination: a route may stand there
  ipv6: ["ipv6.dst"], // of extension headers their lengths alone
  tcp: ["tcp.urgent_pointer"],
  udp: ["udp.checksum"],
  sctp: ["sctp.checksum"],
  icmp: ["icmp.code"],
  icmpv6: ["icmpv6.code"],
  vxlan: ["vxlan.vni"],
  geneve: ["geneve.vni"],
  gre: ["gre.proto"],
};

const unread = ({ name, malformed, values }: Layer): boolean =>
  malformed && ((lastRead[name]?.every((field) => values(field).length === 0) ?? false) || values("udp.length.bad").length > 0);

/** Cases that tshark has no complaint about. */
const oursAlone = new Set(["short_l2", "too_many_ext", "short_icmp", "bad_vxlan", "bad_gre", "bad_geneve"]);
/** A header of no bytes at all is nothing to tshark. */
const emptyTo = new Map(["tcp", "udp", "icmp", "sctp", "gre", "vxlan", "geneve", "ipv4", "ipv6"].map((name) => [`short_${name}`, name]));

/** Differences, in words; none when they agree. What a named malformed case keeps from being read is not asked. */
export function compareParse(ours: DecodedPacket, theirs: Dissected, ethernet: boolean): readonly string[] {
  const differences: string[] = [];
  const differ = (name: string, has: unknown, wanted: unknown): void => {
    const [a, b] = [JSON.stringify(has), JSON.stringify(wanted)];
    if (a !== b) differences.push(`${name}: ${a}, tshark has ${b}`);
  };
  const inner = /^inner_(.*)$/.exec(ours.malformed ?? "")?.[1];
  const outer = inner === undefined ? ours.malformed : undefined;
  const level = levelAt(theirs, 0, ethernet ? "ethernet" : "ip");
  compareHeaders({ ours, level, malformed: outer, inTunnel: false, expect: (name, wanted) => differ(name, ours[name], wanted) });
  const tunnel = tunnelOf(level, theirs);
  if (tunnel === "another") return differences;
  // tshark shows no layer of a header that is cut
  if (ours.malformed === undefined || (outer === undefined && tunnel)) differ("tunnel.type", ours.tunnel?.type, tunnel?.type);
  if (tunnel && ours.tunnel && outer === undefined) {
    const { tunnel: carried } = ours;
    if (carried.type !== "ipip") differ("tunnel.id", carried.id, tunnel.id);
    const expect: Expect = (name, wanted) => differ(`tunnel.${name}`, carried[name], wanted);
    if (tunnel.inner) compareHeaders({ ours: carried, level: tunnel.inner, malformed: inner, inTunnel: true, expect });
  }
  const layers = [...level.layers, ...(tunnel?.layers ?? []), ...(tunnel?.inner?.layers ?? [])];
  const unnamed = layers.filter(unread);
  if (unnamed.length > 0 && ours.malformed === undefined)
    differences.push(`nothing malformed, tshark says so of ${unnamed.map(({ name }) => name).join(", ")}`);
  const reason = inner ?? outer ?? "";
  // tshark holds no length of HIP's against the packet's
  const doubted =
    theirs.length === 0 || theirs.some(({ name, malformed, wrong }) => malformed || wrong || name === "hip") || oursAlone.has(reason);
  if (ours.malformed !== undefined && !doubted && !isEmpty(reason, theirs))
    differences.push(`malformed: ${ours.malformed}, tshark has nothing against it`);
  return differences;
}

const isEmpty = (reason: string, theirs: Dissected): boolean => emptyTo.has(reason) && theirs.at(-1)?.name !== emptyTo.get(reason);

type Tunnel = {
  readonly type: "vxlan" | "geneve" | "gre" | "ipip";
  readonly id: number;
  readonly inner: Level | undefined;
  readonly layers: readonly Layer[];
};

/**
 * The tunnel that tshark found behind the outermost headers, where it is of those that the parser knows; "another"
 * where it goes by the source port and sees another tunnel than the destination port says.
 */
function tunnelOf({ network, transport, next }: Level, theirs: Dissected): Tunnel | "another" | undefined {
  if (transport === undefined) return undefined;
  const at = theirs.indexOf(transport);
  switch (transport.name) {
    case "ip":
    case "ipv6":
      return network === undefined ? undefined : { type: "ipip", id: 0, inner: levelAt(theirs, at, "ip"), layers: [] };
    case "gre":
      return {
        type: "gre",
        id: first(transport, "gre.key") ?? 0,
        inner: carriedBy(first(transport, "gre.proto"), theirs, next),
        layers: [transport],
      };
    case "udp": {
      const header = theirs[next];
      const port = first(transport, "udp.dstport");
      const type = port === VXLAN ? "vxlan" : port === GENEVE ? "geneve" : undefined;
      if (type !== undefined && (header?.name === "vxlan" || header?.name === "geneve") && header.name !== type) return "another";
      if (header?.name === "vxlan" && port === VXLAN)
        return { type: "vxlan", id: first(header, "vxlan.vni") ?? 0, inner: levelAt(theirs, next + 1, "ethernet"), layers: [header] };
      if (header?.name === "geneve" && port === GENEVE)
        return {
          type: "geneve",
          id: first(header, "geneve.vni") ?? 0,
          inner: carriedBy(first(header, "geneve.proto_type"), theirs, next + 1),
          layers: [header],
        };
      return undefined;
    }
    default:
      return undefined;
  }
}

function carriedBy(type: number | undefined, theirs: Dissected, at: number): Level | undefined {
  if (type === 0x6558) return levelAt(theirs, at, "ethernet");
  return type === 0x0800 || type === 0x86dd ? levelAt(theirs, at, "ip") : undefined;
}

function first(layer: Layer, field: Field): number | undefined {
  const [text] = layer.values(field);
  return text === undefined ? undefined : Number(text);
}

function compareHeaders({ ours, level, malformed, inTunnel, expect }: Asked): void {
  if (malformed === "short_l2" || malformed === "short_vlan") return;
  const { network, vlans } = level;
  // of what a tunnel carries the tags of IP packets alone are known
  const told = !inTunnel || (network !== undefined && network.name !== "arp" && ours["source.address"] !== undefined);
  if (vlans !== null && told) {
    expect("vlan", vlans[0]);
    expect("vlan.inner", vlans[1]);
  }
  // of ARP for other than Ethernet and IPv4 the parser reads no addresses, nor of ARP in a tunnel
  if (network?.name === "arp" && ours["source.address"] !== undefined && malformed === undefined) {
    expect("arp.opcode", first(network, "arp.opcode"));
    expect("source.address", network.values("arp.src.proto_ipv4")[0]);
    expect("destination.address", network.values("arp.dst.proto_ipv4")[0]);
  }
  if (network?.name !== "ip" && network?.name !== "ipv6") return;
  const [type, source, destination] =
    network.name === "ip" ? (["ipv4", "ip.src", "ip.dst"] as const) : (["ipv6", "ipv6.src", "ipv6.dst"] as const);
  if (malformed === "bad_ip_version") return; // tshark goes by the version
  expect("network.type", type);
  if (network.values(destination).length === 0 && malformed !== undefined) return;
  if (ours["source.address"] === undefined && malformed !== undefined) return;
  expect("source.address", network.values(source)[0]);
  if (!network.malformed) expect("destination.address", network.values(destination)[0]);
  // tshark ends at options and extension headers whose content it cannot make sense of
  if (malformed !== undefined || network.malformed) return;
  expect("ip.fragment", isFragment(network));
  compareTransport(level.transport, network.name, expect);
}

const truthy = (text: string | undefined): boolean => text === "1" || text === "True";

function isFragment(network: Layer): boolean {
  const [more, offset] =
    network.name === "ip" ? (["ip.flags.mf", "ip.frag_offset"] as const) : (["ipv6.fraghdr.more", "ipv6.fraghdr.offset"] as const);
  return network.values(more).some(truthy) || network.values(offset).some((text) => Number(text) !== 0);
}

function compareTransport(layer: Layer | undefined, network: "ip" | "ipv6", expect: Expect): void {
  switch (layer?.name) {
    case "tcp":
      expect("network.transport", "tcp");
      expect("source.port", first(layer, "tcp.srcport"));
      expect("destination.port", first(layer, "tcp.dstport"));
      expect("tcp.flags", (first(layer, "tcp.flags") ?? 0) & 0xff);
      expect("tcp.seq", first(layer, "tcp.seq_raw"));
      expect("tcp.ack", first(layer, "tcp.ack_raw"));
      expect("tcp.window", first(layer, "tcp.window_size_value"));
      // of an option that the capture cuts tshark shows half
      return layer.malformed ? undefined : compareOptions(layer, expect);
    case "udp":
      expect("network.transport", "udp");
      expect("source.port", first(layer, "udp.srcport"));
      return expect("destination.port", first(layer, "udp.dstport"));
    case "sctp":
      expect("network.transport", "sctp");
      expect("source.port", first(layer, "sctp.srcport"));
      return expect("destination.port", first(layer, "sctp.dstport"));
    case "icmp":
    case "icmpv6":
      if ((network === "ip") !== (layer.name === "icmp")) return expect("icmp.type", undefined);
      expect("network.transport", layer.name === "icmp" ? "icmp" : "ipv6-icmp");
      expect("icmp.type", first(layer, `${layer.name}.type`));
      return expect("icmp.code", first(layer, `${layer.name}.code`));
    case undefined:
    default:
      expect("source.port", undefined);
      return expect("icmp.type", undefined);
  }
}

/** Of an option that comes several times the last counts, of SACK every block. */
function compareOptions(layer: Layer, expect: Expect): void {
  const last = (field: Field): number | undefined => {
    const text = layer.values(field).at(-1);
    return text === undefined ? undefined : Number(text);
  };
  expect("tcp.options.mss", last("tcp.options.mss_val"));
  expect("tcp.options.window_scale", last("tcp.options.wscale.shift"));
  expect("tcp.options.sack_permitted", layer.values("tcp.options.sack_perm").includes("04:02") ? true : undefined);
  expect("tcp.options.timestamp.value", last("tcp.options.timestamp.tsval"));
  expect("tcp.options.timestamp.echo", last("tcp.options.timestamp.tsecr"));
  const left = layer.values("tcp.options.sack_le").map(Number);
  const right = layer.values("tcp.options.sack_re").map(Number);
  expect("tcp.options.sack", left.length === 0 ? undefined : left.map((edge, i) => [edge, right[i]]));
}
