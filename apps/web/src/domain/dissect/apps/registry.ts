import type { Dissector } from "../types.ts";
import { dhcp, hasCookie } from "./dhcp/dhcp.ts";
import { dns, dnsOverTcp, llmnr, looksLikeDns, mdns } from "./dns/dns.ts";
import { http, ssdp } from "./http/http.ts";
import { looksLikeHttp } from "./http/line.ts";
import { http2, looksLikeHttp2 } from "./http2/http2.ts";
import { ntp } from "./ntp/ntp.ts";
import { looksLikeQuic, looksLikeShortQuic, quic } from "./quic/quic.ts";
import { looksLikeSsh, ssh } from "./ssh/ssh.ts";
import { looksLikeTls, tls } from "./tls/tls.ts";

/** Whether a payload begins as the protocol's does; asked where no port names one. Reads `bytes` from `at` up to `end` alone. */
export type Heuristic = {
  readonly dissector: Dissector;
  /** The only ports of either end that it is asked for; left out: any. */
  readonly ports?: ReadonlySet<number>;
  claims(bytes: Uint8Array, at: number, end: number): boolean;
};

/** A payload: bytes[at … end). */
export type Place = { readonly bytes: Uint8Array; readonly at: number; readonly end: number };

/** By well-known port of either end; the lower of two that are known wins. */
export const byUdpPort: ReadonlyMap<number, Dissector> = new Map<number, Dissector>([
  [53, dns],
  [67, dhcp],
  [68, dhcp],
  [123, ntp],
  [1900, ssdp],
  [5353, mdns],
  [5355, llmnr],
]);
export const byTcpPort: ReadonlyMap<number, Dissector> = new Map<number, Dissector>([[53, dnsOverTcp]]);

/** Where HTTP/2 is looked for without TLS, which would have agreed on it: Wireshark's ports of HTTP. */
const httpPorts: ReadonlySet<number> = new Set([80, 3128, 3132, 5985, 8080, 8088, 11371, 1900, 2869, 2710]);
/** A short header of QUIC says so little that the port must tell. */
const quicPorts: ReadonlySet<number> = new Set([443]);
/** Of boot servers that answer beside a DHCP server (Preboot Execution Environment 2.1, 2.2.3). */
const proxyDhcpPorts: ReadonlySet<number> = new Set([4011]);

/** In the order they are asked. */
export const udpHeuristics: readonly Heuristic[] = [
  { dissector: quic, claims: looksLikeQuic },
  { dissector: quic, ports: quicPorts, claims: looksLikeShortQuic },
  { dissector: dhcp, ports: proxyDhcpPorts, claims: hasCookie },
  { dissector: dns, claims: looksLikeDns },
];
export const tcpHeuristics: readonly Heuristic[] = [
  { dissector: tls, claims: looksLikeTls },
  { dissector: http, claims: looksLikeHttp },
  { dissector: ssh, claims: looksLikeSsh },
  { dissector: http2, ports: httpPorts, claims: looksLikeHttp2 },
];

/** The first that is asked for these ports and claims what is left at the cursor. */
export function claimant(heuristics: readonly Heuristic[], ports: readonly number[], { bytes, at, end }: Place): Dissector | null {
  const found = heuristics.find(
    (one) => (one.ports === undefined || ports.some((port) => one.ports?.has(port))) && one.claims(bytes, at, end),
  );
  return found?.dissector ?? null;
}
