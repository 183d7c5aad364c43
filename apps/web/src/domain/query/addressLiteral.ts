import { ipv4Text, ipv6Text } from "../address.ts";
import type { AddressValue } from "./types.ts";

/**
 * An IPv4 address in four decimal parts, an IPv6 address as RFC 4291 2.2 writes it, or either with a prefix length.
 * Bits behind the prefix become zero. Null when it is none; leading zeros are refused, for some read them as octal.
 */
export function parseAddress(text: string): AddressValue | null {
  const slash = text.indexOf("/");
  const address = slash < 0 ? text : text.slice(0, slash);
  const bytes = address.includes(":") ? ipv6Bytes(address) : ipv4Bytes(address);
  if (bytes === null) return null;
  const bits = bytes.length * 8;
  const prefix = slash < 0 ? bits : prefixOf(text.slice(slash + 1), bits);
  return prefix === null ? null : { type: "address", family: bytes.length === 4 ? 4 : 6, bytes: masked(bytes, prefix), prefix };
}

/** Its text; a prefix only where it is a network. */
export function addressText({ family, bytes, prefix }: AddressValue): string {
  const view = new DataView(Uint8Array.from(bytes).buffer);
  const address = family === 4 ? ipv4Text(view, 0) : ipv6Text(view, 0);
  return prefix === bytes.length * 8 ? address : `${address}/${prefix}`;
}

/** Whether it is one address and not a network. */
export function isSingle({ bytes, prefix }: AddressValue): boolean {
  return prefix === bytes.length * 8;
}

function prefixOf(text: string, bits: number): number | null {
  return /^(0|[1-9]\d{0,2})$/.test(text) && Number(text) <= bits ? Number(text) : null;
}

function masked(bytes: readonly number[], prefix: number): number[] {
  return bytes.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, prefix - i * 8))) & 0xff);
}

function ipv4Bytes(text: string): number[] | null {
  const parts = text.split(".");
  const sound = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
  return sound ? parts.map(Number) : null;
}

function ipv6Bytes(text: string): number[] | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const [head, tail] = halves.map((half, i) => groupBytes(half, i === halves.length - 1));
  if (head === undefined || head === null) return null;
  if (tail === undefined) return head.length === 16 ? head : null;
  // "::" stands for at least one group (RFC 4291 2.2)
  return tail === null || head.length + tail.length > 14
    ? null
    : [...head, ...Array<number>(16 - head.length - tail.length).fill(0), ...tail];
}

/** Groups between colons; the last part of an address may be an IPv4 address. */
function groupBytes(text: string, last: boolean): number[] | null {
  if (text === "") return [];
  const groups = text.split(":");
  const bytes: number[] = [];
  for (const [i, group] of groups.entries()) {
    const dotted = last && i === groups.length - 1 && group.includes(".") ? ipv4Bytes(group) : null;
    if (dotted !== null) bytes.push(...dotted);
    else if (/^[0-9A-Fa-f]{1,4}$/.test(group)) bytes.push(Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff);
    else return null;
  }
  return bytes;
}
