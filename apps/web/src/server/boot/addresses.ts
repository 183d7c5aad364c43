import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import { networkInterfaces } from "node:os";

/** Peers whose X-Forwarded-For is believed. */
export type ProxyTrust = { trusts(address: string): boolean };

export function isLoopbackHost(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, "");
  return bare === "localhost" || bare === "::1" || (isIP(bare) === 4 && bare.startsWith("127."));
}

/** Strips the ::ffff: of an IPv4 peer on a dual-stack socket. */
export function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}

/** Comma-separated addresses, networks or `loopback`; null when one of them is none of these. */
export function parseTrustedProxies(text: string): ProxyTrust | null {
  const list = new BlockList();
  for (const entry of text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean)) {
    if (entry === "loopback") {
      list.addSubnet("127.0.0.0", 8, "ipv4");
      list.addAddress("::1", "ipv6");
      continue;
    }
    const [address = "", bits] = entry.split("/");
    const family = isIP(address);
    if (family === 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits))) return null;
    const type = family === 4 ? "ipv4" : "ipv6";
    if (Number(bits ?? 0) > (family === 4 ? 32 : 128)) return null;
    if (bits === undefined) list.addAddress(address, type);
    else list.addSubnet(address, Number(bits), type);
  }
  const trusts = (address: string): boolean => {
    const family = isIP(address);
    return family !== 0 && list.check(address, family === 4 ? "ipv4" : "ipv6");
  };
  return { trusts };
}

/**
 * The client's address: the socket's peer, or, when that is a trusted proxy, the last address of
 * X-Forwarded-For that is not one. null when a proxy was demanded and the peer is none.
 */
export function clientAddress(request: IncomingMessage, trust: ProxyTrust | null): string | null {
  const peer = plainAddress(request.socket.remoteAddress ?? "");
  if (!trust) return peer;
  if (!trust.trusts(peer)) return isLoopbackHost(peer) ? peer : null;
  const header = request.headers["x-forwarded-for"];
  const chain = (Array.isArray(header) ? header.join(",") : (header ?? "")).split(",").map((part) => plainAddress(part.trim()));
  for (const address of chain.toReversed()) {
    if (isIP(address) === 0) return peer;
    if (!trust.trusts(address)) return address;
  }
  return peer;
}

/** Addresses on which a listener on `host` (undefined: all) is reached, for telling agents what Sonde's own traffic is. */
export function listenEndpoints(host: string | undefined, port: number): { address: string; port: number }[] {
  const every = host === undefined || host === "0.0.0.0" || host === "::";
  const addresses = every
    ? Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((entry) => entry.address))
    : [host === "localhost" ? "127.0.0.1" : host];
  return [...new Set(addresses)].slice(0, 48).map((address) => ({ address, port }));
}
