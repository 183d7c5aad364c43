import { RecordFlag, type TunnelType, tunnelAt, tunnelTypes } from "@sonde/protocol";
import { endpointText, ipv4Text, ipv6Text } from "./address.ts";
import { etherTypeName, icmp6Name, icmpName, ipProtocolName, tcpFlagNames } from "./names.ts";
import * as rec from "./record.ts";
import type { RecordRef } from "./record.ts";

/** A tunnel as its row names it, `VXLAN 42`, and the packet it carries in a few words. */
export type TunnelSummary = { readonly name: string; readonly carries: string };

const names: Readonly<Record<TunnelType, string>> = { none: "Tunnel", vxlan: "VXLAN", geneve: "Geneve", gre: "GRE", ipip: "IP in IP" };
const IPV6 = 0x86dd;
const withPorts: ReadonlySet<number> = new Set([6, 17, 132]);

/** From the trailer of a record (abi.h struct sonde_tunnel); null when the record has none. */
export function summariseTunnel(r: RecordRef): TunnelSummary | null {
  const at = rec.tunnelStart(r);
  if (at === null) return null;
  const type = tunnelTypes[r.view.getUint8(at + tunnelAt.type)] ?? "none";
  const id = r.view.getUint32(at + tunnelAt.id, true);
  const numbered = type === "vxlan" || type === "geneve" || id !== 0;
  return { name: numbered ? `${names[type]} ${id}` : names[type], carries: carried(r.view, at) };
}

function carried(view: DataView, at: number): string {
  const type = view.getUint16(at + tunnelAt.ethProtoBe);
  if (view.getUint16(at + tunnelAt.l3Off, true) === 0) return type === 0 ? "" : etherTypeName(type);
  const proto = view.getUint8(at + tunnelAt.ipProto);
  const [sport, dport] = [view.getUint16(at + tunnelAt.sportBe), view.getUint16(at + tunnelAt.dportBe)];
  const later = (view.getUint8(at + tunnelAt.flags) & RecordFlag.laterFragment) !== 0;
  const ports = !later && withPorts.has(proto);
  const end = (field: number, port: number): string =>
    endpointText((type === IPV6 ? ipv6Text : ipv4Text)(view, at + field), ports ? port : null);
  const ends = `${end(tunnelAt.saddr, sport)} → ${end(tunnelAt.daddr, dport)}`;
  return `${ipProtocolName(proto)} ${ends}${later ? " fragment" : detail(view, at, { proto, message: sport })}`;
}

/** `message`: ICMP's type and code. */
function detail(view: DataView, at: number, { proto, message }: { proto: number; message: number }): string {
  switch (proto) {
    case 1:
      return ` ${icmpName(message >> 8, message & 0xff)}`;
    case 6:
      return ` [${tcpFlagNames(view.getUint8(at + tunnelAt.tcpFlags))}]`;
    case 58:
      return ` ${icmp6Name(message >> 8, message & 0xff)}`;
    default:
      return "";
  }
}
