import type { Dissector } from "../types.ts";
import { dhcp } from "./dhcp/dhcp.ts";
import { dns, dnsOverTcp, llmnr, looksLikeDns, mdns } from "./dns/dns.ts";
import { http, ssdp } from "./http/http.ts";
import { looksLikeHttp } from "./http/line.ts";
import { http2, looksLikeHttp2 } from "./http2/http2.ts";
import { ntp } from "./ntp/ntp.ts";
import { looksLikeQuic, quic } from "./quic/quic.ts";
import { looksLikeTls, tls } from "./tls/tls.ts";

/** Whether a payload begins as the protocol's does; asked where no port names one. Reads `bytes` from `at` up to `end` alone. */
export type Heuristic = {
  readonly dissector: Dissector;
  claims(bytes: Uint8Array, at: number, end: number): boolean;
};

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

/** In the order they are asked. */
export const udpHeuristics: readonly Heuristic[] = [
  { dissector: quic, claims: looksLikeQuic },
  { dissector: dns, claims: looksLikeDns },
];
export const tcpHeuristics: readonly Heuristic[] = [
  { dissector: tls, claims: looksLikeTls },
  { dissector: http, claims: looksLikeHttp },
  { dissector: http2, claims: looksLikeHttp2 },
];
