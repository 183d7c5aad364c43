import type { Dissected, Layer } from "../support/tshark.ts";

/** Headers of one packet among tshark's layers: from its Ethernet or IP header to its transport's. */
export type Level = {
  /** VLAN ids, outermost first, at most two: the parser looks no further. Null where tshark does not tell. */
  readonly vlans: readonly number[] | null;
  readonly network: Layer | undefined;
  /** What stands behind IP and its extension headers. */
  readonly transport: Layer | undefined;
  /** Those of these that the parser reads. */
  readonly layers: readonly Layer[];
  /** Where the layers behind them begin. */
  readonly next: number;
};

const tagNames = new Set(["vlan", "ieee8021ad"]);
const networkNames = new Set(["ip", "ipv6", "arp"]);
/** Extension headers of IPv6 that are layers of their own. */
const extensionNames = new Set(["ah", "mipv6", "hip", "shim6"]);
const MAX_TAGS = 2;
const RARP = 0x8035;

/** The headers that begin at a layer, as the parser reads them: types alone lead from one to the next. */
export function levelAt(layers: Dissected, at: number, start: "ethernet" | "ip"): Level {
  let next = at;
  let type: number | undefined;
  const vlans: number[] = [];
  const read: Layer[] = [];
  if (start === "ethernet" && layers[next]?.name === "eth") {
    type = typeAfter(layers[next]);
    read.push(...layers.slice(next, ++next));
    for (; tagNames.has(layers[next]?.name ?? "") && vlans.length < MAX_TAGS; next++) {
      vlans.push(...idsOf(layers[next]));
      type = typeAfter(layers[next]);
      if (isCutPair(layers[next])) return { vlans: null, network: undefined, transport: undefined, layers: read, next };
      if (vlans.length <= MAX_TAGS) read.push(...layers.slice(next, next + 1));
    }
  }
  // RARP is ARP to tshark
  const known = networkNames.has(layers[next]?.name ?? "") && vlans.length <= MAX_TAGS && type !== RARP;
  const network = known ? layers[next++] : undefined;
  if (network !== undefined) read.push(network);
  if (network?.name === "ipv6") while (extensionNames.has(layers[next]?.name ?? "")) next++;
  const transport = network === undefined || network.name === "arp" ? undefined : layers[next];
  if (transport !== undefined) next++;
  if (transport !== undefined && isParsed(transport, network)) read.push(transport);
  return { vlans: vlans.slice(0, MAX_TAGS), network, transport, layers: read, next };
}

const eitherVersion = new Set(["tcp", "udp", "sctp"]);
const isParsed = ({ name }: Layer, network: Layer | undefined): boolean =>
  eitherVersion.has(name) || name === (network?.name === "ip" ? "icmp" : "icmpv6");

function typeAfter(layer: Layer | undefined): number | undefined {
  const [type] = (["eth.type", "vlan.etype", "ieee8021ah.etype"] as const).flatMap((field) => layer?.values(field) ?? []);
  return type === undefined ? undefined : Number(type);
}

/** Of two 802.1ad tags tshark shows nothing when the second is cut. */
const isCutPair = (tag: Layer | undefined): boolean => tag?.name === "ieee8021ad" && tag.malformed && idsOf(tag).length === 0;

/** An 802.1ad layer may be a pair of tags. */
function idsOf(tag: Layer | undefined): readonly number[] {
  const fields = ["vlan.id", "ieee8021ad.svid", "ieee8021ad.cvid", "ieee8021ad.id"] as const;
  return fields.flatMap((field) => tag?.values(field) ?? []).map(Number);
}
