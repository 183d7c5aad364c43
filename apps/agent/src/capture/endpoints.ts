import { isIP } from "node:net";
import type { Endpoint } from "@sonde/bpf";
import type { TextEndpoint } from "./source.ts";

/** Endpoints as the engine takes them; what is no IP address is left out. */
export const toEndpoints = (endpoints: readonly TextEndpoint[]): Endpoint[] =>
  endpoints.map(toEndpoint).filter((endpoint) => endpoint !== null);

/** An endpoint as the engine takes it, or null when the address is not an IP address. A zone (%eth0) is left off. */
export function toEndpoint({ address, port }: TextEndpoint): Endpoint | null {
  const text = address.split("%")[0] ?? "";
  const family = isIP(text);
  if (family === 4) return { family: 4, address: ipv4Bytes(text), port };
  if (family !== 6) return null;
  const bytes = ipv6Bytes(text);
  return isMapped(bytes) ? { family: 4, address: padded(bytes.subarray(12)), port } : { family: 6, address: bytes, port };
}

function padded(bytes: Iterable<number>): Uint8Array {
  const out = new Uint8Array(16);
  out.set([...bytes]);
  return out;
}

const ipv4Bytes = (text: string): Uint8Array => padded(text.split(".").map(Number));

/** ::ffff:a.b.c.d is IPv4 on the wire (RFC 4291 2.5.5.2). */
function isMapped(bytes: Uint8Array): boolean {
  return bytes[10] === 0xff && bytes[11] === 0xff && bytes.subarray(0, 10).every((byte) => byte === 0);
}

/** Expects what isIP calls 6: at most one "::", an IPv4 tail perhaps. */
function ipv6Bytes(text: string): Uint8Array {
  const [left = "", right] = text.split("::");
  const head = groups(left);
  const tail = right === undefined ? [] : groups(right);
  const out = new Uint8Array(16);
  out.set(head);
  out.set(tail, 16 - tail.length);
  return out;
}

function groups(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (group.includes(".")) return group.split(".").map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
}
