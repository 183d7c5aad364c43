import { hex2 } from "./text.ts";

/** Dotted text of the 4 bytes at `at`. */
export function ipv4Text(view: DataView, at: number): string {
  return `${view.getUint8(at)}.${view.getUint8(at + 1)}.${view.getUint8(at + 2)}.${view.getUint8(at + 3)}`;
}

/** RFC 5952 text of the 16 bytes at `at`: lower case, the longest zero run of two or more cut, IPv4-mapped dotted. */
export function ipv6Text(view: DataView, at: number): string {
  if (isMapped(view, at)) return `::ffff:${ipv4Text(view, at + 12)}`;
  let bestAt = -1;
  let bestLen = 1; // a run of one is not shortened (RFC 5952 4.2.2)
  let runAt = 0;
  for (let i = 0; i <= 8; i++) {
    if (i < 8 && view.getUint16(at + i * 2) === 0) continue;
    if (i - runAt > bestLen) {
      bestAt = runAt;
      bestLen = i - runAt;
    }
    runAt = i + 1;
  }
  let text = "";
  for (let i = 0; i < 8; i++) {
    if (i === bestAt) {
      text += "::";
      i += bestLen - 1;
      continue;
    }
    if (text !== "" && !text.endsWith("::")) text += ":";
    text += view.getUint16(at + i * 2).toString(16);
  }
  return text;
}

function isMapped(view: DataView, at: number): boolean {
  return view.getBigUint64(at) === 0n && view.getUint32(at + 8) === 0xffff;
}

/** Colon-separated text of the 6 bytes at `at`. */
export function macText(view: DataView, at: number): string {
  let text = hex2(view.getUint8(at));
  for (let i = 1; i < 6; i++) text += `:${hex2(view.getUint8(at + i))}`;
  return text;
}

/** Address and port as one endpoint; IPv6 in brackets (RFC 3986). A null port is left out. */
export function endpointText(address: string, port: number | null): string {
  if (port === null) return address;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
