import { BlockList, isIP } from "node:net";
import { UsageError } from "./usage-error.ts";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** True for 127.0.0.0/8 and ::1, and the IPv4-mapped form of the former. */
export function isLoopbackAddress(address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  const family = isIP(plain);
  return family !== 0 && loopback.check(plain, family === 6 ? "ipv6" : "ipv4");
}

/**
 * The hub's address from the command line: https, or http to loopback alone, where no one is in between.
 * Throws UsageError. Path, query and fragment are not part of it.
 */
export function parseHubUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw new UsageError(`--hub wants an address like https://hub.example:8443, not ${JSON.stringify(text.slice(0, 200))}`);
  }
  if (url.username !== "" || url.password !== "") throw new UsageError("--hub must not hold a user name or password");
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (url.protocol === "http:" && host !== "localhost" && !isLoopbackAddress(host)) {
    throw new UsageError(`plain http is for loopback alone; use https:// for ${url.host}`);
  }
  return new URL(url.origin);
}
