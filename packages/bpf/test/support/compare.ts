import { isDeepStrictEqual } from "node:util";
import { parseErrors, protoClasses } from "../../../protocol/src/layout.ts";
import type { Case } from "./case.ts";
import type { Rec, Tunnel } from "./decode.ts";

/** SONDE_REC_VLAN_META and SONDE_REC_TUNNEL of include/abi.h. */
const VLAN_META = 0x04;
const TUNNEL = 0x40;

/** Whether the hook gets to see the frame: the stack drops one that ends inside its outer tag before TC ingress. */
export function reaches(c: Case, direction: "in" | "out", mode: string): boolean {
  return c.error !== "short_vlan" || direction === "out" || mode.startsWith("xdp");
}

/** Where a record taken with a snaplen of at least the frame differs from its case, one line a field. */
export function differences(c: Case, rec: Rec | undefined): string[] {
  if (rec === undefined) return [`${c.name}: no record`];
  const meta = (rec.flags & VLAN_META) !== 0;
  // Ingress TC keeps the outer tag beside the frame: lengths and offsets are of the captured bytes.
  const aside = meta ? 4 : 0;
  const fields = Object.entries(c.fields ?? {}).map(([name, value]) => {
    const shift = name === "l3Off" || name === "l4Off" ? aside : 0;
    const got = name === "flags" ? rec.flags & ~(VLAN_META | TUNNEL) : rec[name as keyof Rec];
    return [name, got, typeof value === "number" ? value - shift : value] as const;
  });
  const tunnel = Object.entries(c.tunnel ?? {}).map(([name, value]) => {
    const shift = name === "l3Off" && value !== 0 ? aside : 0;
    return [`tunnel ${name}`, rec.tunnel?.[name as keyof Tunnel], typeof value === "number" ? value - shift : value] as const;
  });
  const all: readonly (readonly [string, unknown, unknown])[] = [
    ["error", parseErrors[rec.parseErr], c.error ?? "ok"],
    ["proto", protoClasses[rec.proto], c.proto],
    ["wireLen", rec.wireLen, c.frame.length],
    ["capLen", rec.capLen, c.frame.length - aside],
    ...(meta ? [] : [["bytes", rec.bytes, c.frame] as const]),
    ["tunnel", rec.tunnel !== null, c.tunnel !== undefined],
    ...fields,
    ...tunnel,
  ];
  return all.flatMap(([name, got, wanted]) =>
    isDeepStrictEqual(got, wanted) ? [] : [`${c.name}: ${name} is ${text(got)}, not ${text(wanted)}`],
  );
}

const text = (value: unknown): string => (Buffer.isBuffer(value) ? value.toString("hex") : String(value));
