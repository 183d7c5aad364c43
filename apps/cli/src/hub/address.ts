import { BlockList, isIP } from "node:net";
import { UsageError } from "../errors.ts";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** The hub's address: https, or http to loopback alone, where no one is in between. Throws UsageError. */
export function parseHubUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw new UsageError(`the hub's address is like https://hub.example:7878, not ${JSON.stringify(text.slice(0, 200))}`);
  }
  if (url.username !== "" || url.password !== "") throw new UsageError("the hub's address must not hold a user name or password");
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const family = isIP(host);
  const local = host === "localhost" || (family !== 0 && loopback.check(host, family === 6 ? "ipv6" : "ipv4"));
  if (url.protocol === "http:" && !local) throw new UsageError(`plain http is for loopback alone; use https:// for ${url.host}`);
  return new URL(url.origin);
}
