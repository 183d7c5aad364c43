import type { TunnelType } from "@sonde/protocol";
import type { Headers } from "../capture/headers.ts";
import { transportAt } from "../capture/ip-packet.ts";

const UDP_BYTES = 8;
const GRE = 47;
const GRE_KEY = 0x20;
const VXLAN_VNI = 0x08;
const GENEVE_OAM = 0x80;
const GENEVE_CRITICAL = 0x40;

export type Tunnel = { readonly type: TunnelType; readonly id: number };

/**
 * A tunnel's own header in tcpdump's words, before those of what it carries: print-vxlan.c, print-geneve.c,
 * print-gre.c. What is in no record is left out where it was not captured. Empty for IP in IP, as tcpdump has it.
 */
export function tunnelWords({ type, id }: Tunnel, outer: Headers, bytes: DataView): string {
  switch (type) {
    case "vxlan": {
      const flags = byteAt(bytes, outer, UDP_BYTES);
      const letters = flags === undefined ? "" : `flags [${flags & VXLAN_VNI ? "I" : "."}] (0x${hex2(flags)}), `;
      return `VXLAN, ${letters}vni ${id}: `;
    }
    case "geneve": {
      const [options, flags] = [byteAt(bytes, outer, UDP_BYTES), byteAt(bytes, outer, UDP_BYTES + 1)];
      const letters = flags === undefined ? "" : `Flags [${geneveLetters(flags)}], `;
      const size = ((options ?? 0) & 0x3f) * 4;
      return `Geneve, ${letters}vni 0x${id.toString(16)}${size === 0 ? "" : `, options [${size} bytes]`}: `;
    }
    case "gre": {
      const at = transportAt(bytes, outer.l3, GRE);
      const hasKey = id !== 0 || (at !== null && at < bytes.byteLength && (bytes.getUint8(at) & GRE_KEY) !== 0);
      return `GREv0${hasKey ? `, key=0x${id.toString(16)}` : ""}: `;
    }
    case "ipip":
    case "none":
      return "";
  }
}

const hex2 = (value: number): string => value.toString(16).padStart(2, "0");

function byteAt(bytes: DataView, { l4 }: Headers, offset: number): number | undefined {
  return l4 === 0 || l4 + offset >= bytes.byteLength ? undefined : bytes.getUint8(l4 + offset);
}

function geneveLetters(flags: number): string {
  return `${flags & GENEVE_OAM ? "O" : ""}${flags & GENEVE_CRITICAL ? "C" : ""}` || "none";
}
