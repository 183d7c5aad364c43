import { RECORD_HEADER_BYTES } from "@sonde/protocol";
import * as rec from "../record.ts";
import type { RecordRef } from "../record.ts";
import type { Arrival, Remarks } from "./table.ts";

const ETHERNET = 1;
const BARE_IP = 101;
const BILLION = 1_000_000_000n;
const MAC_BYTES = 12;
const TAG_BYTES = 4;

/** LINKTYPE_ of what a record holds: from the Ethernet header on, or from IP on. */
export const recordLinkType = (record: RecordRef): number => (rec.hasFlag(record, "l3") ? BARE_IP : ETHERNET);

/** A record as a packet of the table; a tag that the kernel keeps beside the frame is put back, as tcpdump does. */
export function recordArrival(record: RecordRef, { interfaceId, offsetNs }: { interfaceId: number; offsetNs: bigint }): Arrival {
  const time = rec.tsNs(record) + offsetNs;
  const { view, at } = record;
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const place = { bytes, offset: at + RECORD_HEADER_BYTES, capLen: rec.capLen(record) };
  const isTagged = rec.hasFlag(record, "vlanMeta") && !rec.hasFlag(record, "l3") && place.capLen >= MAC_BYTES;
  return {
    interfaceId,
    seconds: Number(time / BILLION),
    nanoseconds: Number(time % BILLION),
    wireLen: rec.wireLen(record),
    ...(isTagged ? tagged(place, rec.vlanTci(record)) : place),
  };
}

function tagged(
  { bytes, offset, capLen }: Pick<Arrival, "bytes" | "offset" | "capLen">,
  tci: number,
): Pick<Arrival, "bytes" | "offset" | "capLen"> {
  const frame = new Uint8Array(capLen + TAG_BYTES);
  frame.set(bytes.subarray(offset, offset + MAC_BYTES));
  frame.set([0x81, 0, tci >> 8, tci & 0xff], MAC_BYTES);
  frame.set(bytes.subarray(offset + MAC_BYTES, offset + capLen), MAC_BYTES + TAG_BYTES);
  return { bytes: frame, offset: 0, capLen: frame.length };
}

const incoming: Remarks = { direction: "in", comments: [] };
const outgoing: Remarks = { direction: "out", comments: [] };
/** Ingress is 1 (abi.h enum sonde_direction). */
export const recordRemarks = (record: RecordRef): Remarks => (rec.direction(record) === 1 ? incoming : outgoing);
