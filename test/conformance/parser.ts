/** What the kernel's parser saw of a packet, held against tshark's fields of the same packet. */
import type { DecodedPacket } from "../../apps/agent/src/capture/decoded.ts";
import type { Dissected, Field } from "../support/tshark.ts";

/** Layers of tshark's frame.protocols that stand between an IPv6 header and the transport's. */
const extensions = new Set(["ipv6.hopopts", "ipv6.routing", "ipv6.fraghdr", "ipv6.dstopts", "ah", "mipv6", "hip", "shim6"]);

type Shape = {
  /** Tag layers, outermost first. */
  readonly tags: readonly string[];
  readonly network: string | undefined;
  readonly transport: string | undefined;
  /** Fragment headers of this IPv6 header, not of one inside a tunnel. */
  readonly fragments: number;
};

/** The outermost layers, as far as Ethernet's types alone lead. */
function shapeOf(protocols: string, ethernet: boolean): Shape {
  const layers = protocols.split(":");
  let at = ethernet ? 1 : layers.findIndex((layer) => layer === "ip" || layer === "ipv6");
  const tags: string[] = [];
  if (ethernet) {
    while (layers[at] === "ethertype" && (layers[at + 1] === "vlan" || layers[at + 1] === "ieee8021ad")) {
      tags.push(layers[at + 1] ?? "");
      at += 2;
    }
    if (layers[at] !== "ethertype") return { tags, network: undefined, transport: undefined, fragments: 0 };
    at++;
  }
  const network = layers[at];
  let next = at + 1;
  let fragments = 0;
  for (; network === "ipv6" && extensions.has(layers[next] ?? ""); next++) if (layers[next] === "ipv6.fraghdr") fragments++;
  return { tags, network, transport: layers[next], fragments };
}

/** Tag protocols that the parser, as the kernel, takes for tags. */
const isTag = (type: number): boolean => type === 0x8100 || type === 0x88a8;
const truthy = (text: string | undefined): boolean => text === "1" || text === "True";

/** Differences, in words; none when they agree. What a named malformed case keeps from being read is not asked. */
export function compareParse(
  ours: DecodedPacket,
  theirs: Dissected,
  { bytes, ethernet }: { bytes: Uint8Array; ethernet: boolean },
): readonly string[] {
  const differences: string[] = [];
  const values = (field: Field): readonly string[] => theirs.get(field) ?? [];
  const shape = shapeOf(values("frame.protocols")[0] ?? "", ethernet);
  const expect = (name: keyof DecodedPacket, wanted: string | number | boolean | undefined): void => {
    if (ours[name] !== wanted) differences.push(`${name}: ${String(ours[name])}, tshark has ${String(wanted)}`);
  };
  const number = (field: Field, at = 0): number | undefined => {
    const text = values(field)[at];
    return text === undefined ? undefined : Number(text);
  };

  const tags = tagsOf(shape, values, ((bytes[16] ?? 0) << 8) | (bytes[17] ?? 0));
  const cut = ours.malformed === "short_l2" || ours.malformed === "short_vlan";
  if (tags === null || cut) return differences;
  expect("vlan", tags[0]);
  expect("vlan.inner", tags[1]);

  // of ARP for other than Ethernet and IPv4 the parser reads no addresses
  if (ours["network.type"] === "arp" && ours["source.address"] !== undefined && ours.malformed === undefined) {
    expect("source.address", values("arp.src.proto_ipv4")[0]);
    expect("destination.address", values("arp.dst.proto_ipv4")[0]);
  }
  if (shape.network !== "ip" && shape.network !== "ipv6") return differences;
  const [type, source, destination] =
    shape.network === "ip" ? (["ipv4", "ip.src", "ip.dst"] as const) : (["ipv6", "ipv6.src", "ipv6.dst"] as const);
  expect("network.type", type);
  const theirsKnown = values(destination).length > 0 || ours.malformed === undefined;
  if (ours["source.address"] !== undefined) {
    if (!theirsKnown) return differences;
    expect("source.address", values(source)[0]);
    expect("destination.address", values(destination)[0]);
  } else if (ours.malformed === undefined) differences.push("no addresses, and nothing malformed");
  // tshark ends at extension headers whose content it cannot make sense of
  const ended = shape.network === "ipv6" && shape.transport === undefined;
  if (ours.malformed !== undefined || ended) return differences;
  expect("ip.fragment", isFragment(shape, values));
  compareTransport(shape, { expect, number });
  return differences;
}

/**
 * VLAN ids, outermost first; null where tshark's layers do not tell apart what stands in the frame (three
 * tags, of which it makes pairs), or take a type for a tag that the kernel takes for none.
 */
function tagsOf({ tags }: Shape, values: (field: Field) => readonly string[], innerType: number): (number | undefined)[] | null {
  const types = [...values("eth.type").slice(0, 1), ...values("vlan.etype")].map(Number);
  if (tags.some((layer, i) => layer === "vlan" && !isTag(types[i] ?? 0))) return null;
  if (tags.every((layer) => layer === "vlan")) return tags.length > 2 ? null : values("vlan.id").slice(0, tags.length).map(Number);
  // its fields do not tell a tunnel's inner tags from these
  const tunnelled = (values("frame.protocols")[0] ?? "").includes(":eth:");
  if (tags.length > 1 || tunnelled) return null;
  const pair = [...values("ieee8021ad.svid"), ...values("ieee8021ad.cvid")];
  if (pair.length > 1 && !isTag(innerType)) return null;
  return (pair.length > 0 ? pair : values("ieee8021ad.id")).map(Number);
}

function isFragment({ network, fragments }: Shape, values: (field: Field) => readonly string[]): boolean {
  if (network === "ip") return truthy(values("ip.flags.mf")[0]) || Number(values("ip.frag_offset")[0] ?? 0) !== 0;
  const each = Array.from({ length: fragments }, (_, i) => i);
  return each.some((i) => truthy(values("ipv6.fraghdr.more")[i]) || Number(values("ipv6.fraghdr.offset")[i] ?? 0) !== 0);
}

type Asking = {
  readonly expect: (name: keyof DecodedPacket, wanted: string | number | boolean | undefined) => void;
  readonly number: (field: Field) => number | undefined;
};

function compareTransport({ transport, network }: Shape, { expect, number }: Asking): void {
  switch (transport) {
    case "tcp":
      expect("network.transport", "tcp");
      expect("source.port", number("tcp.srcport"));
      expect("destination.port", number("tcp.dstport"));
      expect("tcp.flags", (number("tcp.flags") ?? 0) & 0xff);
      expect("tcp.seq", number("tcp.seq_raw"));
      expect("tcp.ack", number("tcp.ack_raw"));
      return expect("tcp.window", number("tcp.window_size_value"));
    case "udp":
      expect("network.transport", "udp");
      expect("source.port", number("udp.srcport"));
      return expect("destination.port", number("udp.dstport"));
    case "sctp":
      return expect("network.transport", "sctp");
    case "icmp":
    case "icmpv6":
      if ((network === "ip") !== (transport === "icmp")) return;
      expect("network.transport", transport === "icmp" ? "icmp" : "ipv6-icmp");
      expect("icmp.type", number(`${transport}.type`));
      return expect("icmp.code", number(`${transport}.code`));
    case undefined:
    default:
  }
}
