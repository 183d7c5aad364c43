import type { TestHook } from "@sonde/bpf";
import { type DecodedPacket, decodePacket } from "../capture/decoded.ts";
import { eachTried } from "./from-file.ts";

export type DecodeFlags = { readonly read: string; readonly hook: TestHook; readonly json?: boolean };
export type DecodeDeps = { readonly out: (text: string) => void; readonly complain: (text: string) => void };

/** `sonde-agent decode`: one line per packet with what the kernel's parser saw. Throws as eachTried() does. */
export function decodeFile(flags: DecodeFlags, { out, complain }: DecodeDeps): void {
  const line = flags.json === true ? (decoded: DecodedPacket) => JSON.stringify(decoded) : inWords;
  eachTried({ path: flags.read, hook: flags.hook, filters: [] }, complain, ({ packet, result }) => {
    out(`${line(decodePacket(packet, result))}\n`);
  });
}

const inWords = ({ packet, ...fields }: DecodedPacket): string => [String(packet), ...pairs(fields)].join(" ");

/** name=value; the names of what a tunnel carries begin with "tunnel.". */
function pairs(fields: object, prefix = ""): readonly string[] {
  return Object.entries(fields).flatMap(([name, value]: [string, unknown]) => {
    const inside = typeof value === "object" && value !== null && !Array.isArray(value);
    return inside ? pairs(value, `${prefix}${name}.`) : [`${prefix}${name}=${typeof value === "string" ? value : JSON.stringify(value)}`];
  });
}
