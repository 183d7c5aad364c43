import type { ParseError } from "@sonde/protocol";
import { SocketAddress } from "node:net";

/** An address of a record, network order, as text; IPv6 as RFC 5952 writes it. */
export function addressText(view: DataView, at: number, family: 4 | 6): string {
  if (family === 4) return [0, 1, 2, 3].map((i) => view.getUint8(at + i)).join(".");
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(at + 2 * i).toString(16));
  return new SocketAddress({ address: groups.join(":"), family: "ipv6" }).address;
}

/** Cases in which the parser ended before it had read the addresses. */
export const beforeAddresses: ReadonlySet<string | undefined> = new Set<ParseError>([
  "short_l2",
  "short_vlan",
  "short_arp",
  "short_ipv4",
  "bad_ip_version",
  "short_ipv6",
  "bad_ihl",
]);
