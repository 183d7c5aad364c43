import { parseErrors } from "@sonde/protocol";
import * as rec from "../record.ts";
import type { RecordRef } from "../record.ts";
import { etherTypeName, ipProtocolName } from "../names.ts";
import { arp, ethernet, vlan } from "./link.ts";
import { ipv4, ipv6, ipv6Extension, ipv6Fragment } from "./network.ts";
import { icmp, icmp6, tcp, udp } from "./transport.ts";
import { BRIDGED, byUdpPort, gre } from "./tunnel.ts";
import type { Layer, LayerParser, Next } from "./types.ts";

export type { Layer } from "./types.ts";

const byEtherType: Readonly<Record<number, LayerParser>> = {
  0x0800: ipv4,
  0x0806: arp,
  0x86dd: ipv6,
  0x8100: vlan,
  0x88a8: vlan,
  [BRIDGED]: ethernet,
};
const byIpProtocol: Readonly<Record<number, LayerParser>> = {
  0: ipv6Extension("IPv6 hop-by-hop options"),
  1: icmp,
  4: ipv4,
  6: tcp,
  17: udp,
  41: ipv6,
  43: ipv6Extension("IPv6 routing"),
  44: ipv6Fragment,
  47: gre,
  58: icmp6,
  60: ipv6Extension("IPv6 destination options"),
};

/** Headers a hostile packet can make us step over; real ones have fewer than ten. */
const MAX_LAYERS = 16;

export type Frame = { readonly interfaceName: string; readonly time: string };

/** The layers of one record, outermost first. Never reads past the captured bytes. */
export function layersOf(r: RecordRef, frame: Frame): readonly Layer[] {
  const bytes = rec.captured(r);
  const layers: Layer[] = [frameLayer(r, frame)];
  if (rec.hasFlag(r, "vlanMeta")) layers.push(metaVlan(r));
  const end = bytes.byteLength;
  let next: Next | null = rec.hasFlag(r, "l3")
    ? { proto: { type: "ethertype", value: rec.ethProto(r) }, at: 0, end }
    : { proto: { type: "none" }, at: 0, end };
  if (!rec.hasFlag(r, "l3")) next = step(ethernet, bytes, next, layers);
  while (next !== null && layers.length < MAX_LAYERS) {
    const parser = parserOf(next);
    if (parser === null) break;
    next = step(parser, bytes, next, layers);
  }
  if (next !== null && next.proto.type !== "none" && next.at < next.end) layers.push(rest(next));
  return layers;
}

function step(parser: LayerParser, bytes: DataView, from: Next, layers: Layer[]): Next {
  const { layer, next } = parser(bytes, from.at, from.end);
  layers.push(layer);
  return next;
}

function parserOf(next: Next): LayerParser | null {
  if (next.proto.type === "ethertype") return byEtherType[next.proto.value] ?? null;
  if (next.proto.type === "udp") return byUdpPort[next.proto.value] ?? null;
  return next.proto.type === "ip" ? (byIpProtocol[next.proto.value] ?? null) : null;
}

function rest(next: Next): Layer {
  const name =
    next.proto.type === "ip"
      ? ipProtocolName(next.proto.value)
      : next.proto.type === "ethertype"
        ? etherTypeName(next.proto.value)
        : "Payload";
  return { name, summary: `${next.end - next.at} bytes captured`, fields: [], range: [next.at, next.end] };
}

/** The outer tag that the kernel keeps beside the frame, so it is not among the bytes. */
function metaVlan(r: RecordRef): Layer {
  const tci = rec.vlanTci(r);
  const fields = [
    { name: "VLAN", value: String(tci & 0xfff), range: null },
    { name: "Priority", value: String(tci >> 13), range: null },
    { name: "Place", value: "kept beside the frame by the kernel, not among the bytes", range: null },
  ];
  return { name: "VLAN", summary: `id ${tci & 0xfff}, priority ${tci >> 13}`, fields, range: null };
}

const hooks = ["unknown hook", "TCX", "clsact", "XDP, native", "XDP, generic", "packet socket"] as const;

function frameLayer(r: RecordRef, frame: Frame): Layer {
  const way = rec.direction(r) === 1 ? "in" : rec.direction(r) === 2 ? "out" : "direction unknown";
  const error = rec.parseErr(r);
  const fields = [
    { name: "Time", value: frame.time, range: null },
    { name: "Interface", value: `${frame.interfaceName}, ${way}`, range: null },
    { name: "Length", value: `${rec.wireLen(r)} bytes, ${rec.capLen(r)} captured`, range: null },
    { name: "Wire packets", value: String(rec.gsoSegs(r)), range: null },
    { name: "Taken by", value: hooks[rec.hook(r)] ?? "unknown hook", range: null },
    { name: "Sampled", value: rec.sampleN(r) <= 1 ? "every packet" : `1 in ${rec.sampleN(r)}`, range: null },
  ];
  if (error !== 0) fields.push({ name: "Malformed", value: (parseErrors[error] ?? String(error)).replaceAll("_", " "), range: null });
  return { name: "Frame", summary: `${rec.wireLen(r)} bytes on ${frame.interfaceName}, ${way}`, fields, range: null };
}
