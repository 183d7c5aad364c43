import type { ParseError, ProtoClass } from "../../../protocol/src/layout.ts";
import type { Rec, Tunnel } from "./decode.ts";
import { ether, extension, ipv4, ipv6 } from "./frames.ts";

/** One frame and what the parser must say of it; absent error: parsed. */
export type Case = {
  readonly name: string;
  readonly frame: Buffer;
  readonly proto: ProtoClass;
  readonly error?: ParseError;
  readonly fields?: Partial<Rec>;
  /** What is carried; absent: the packet is no tunnel's. */
  readonly tunnel?: Partial<Tunnel>;
};

export const IP4 = 0x0800;
export const IP6 = 0x86dd;
export const CTAG = 0x8100;
export const STAG = 0x88a8;
export const V4 = { saddr: `c0000201${"0".repeat(24)}`, daddr: `c6336402${"0".repeat(24)}` };
export const V6 = { saddr: "20010db8000000000000000000000001", daddr: "20010db8000000000000000000000002" };
export const data = Buffer.from("sonde payload of some bytes");
export const four = (payload: Buffer, proto = 6): Buffer => ether(IP4, ipv4({ proto, payload }));
export const six = (payload: Buffer, next = 6): Buffer => ether(IP6, ipv6({ next, payload }));
export const chain = (kinds: readonly number[], last: number, payload: Buffer): Buffer =>
  six(Buffer.concat([...kinds.map((_, i) => extension(kinds[i + 1] ?? last)), payload]), kinds[0]);
