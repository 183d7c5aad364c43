import type { TestHook } from "@sonde/bpf";
import { type DecodedPacket, decodePacket } from "../capture/decoded.ts";
import { eachTried } from "./from-file.ts";

export type DecodeFlags = { readonly read: string; readonly hook: TestHook; readonly json?: boolean };
export type DecodeDeps = { readonly out: (text: string) => void; readonly complain: (text: string) => void };

/** `sonde-agent decode`: one line per packet with what the kernel's parser saw. Throws as eachTried() does. */
export function decodeFile(flags: DecodeFlags, { out, complain }: DecodeDeps): void {
  const line = flags.json === true ? (decoded: DecodedPacket) => JSON.stringify(decoded) : inWords;
  eachTried({ path: flags.read, hook: flags.hook, filters: [] }, complain, ({ packet, result }) => {
    const { buffer, byteOffset, byteLength } = result.record;
    out(`${line(decodePacket(packet, new DataView(buffer, byteOffset, byteLength)))}\n`);
  });
}

const inWords = ({ packet, ...fields }: DecodedPacket): string =>
  [String(packet), ...Object.entries(fields).map(([name, value]) => `${name}=${String(value)}`)].join(" ");
