import { BATCH_HEADER_BYTES, BatchKind, RECORD_HEADER_BYTES, frameBatch, recordAt, recordLength, stampBatch } from "@sonde/protocol";
import type { RecordRef } from "./record.ts";

/** Fields of a record for tests; what is left out is 0. `bytes` is hex, `saddr` and `daddr` too. */
export type RecordSpec = {
  bytes?: string;
  wireLen?: number;
  tsNs?: bigint;
  saddr?: string;
  daddr?: string;
  u8?: Partial<Record<"direction" | "hook" | "parseErr" | "ipProto" | "tcpFlags" | "flags" | "proto", number>>;
  u16?: Partial<Record<"vlanTci" | "vlanInnerTci" | "gsoSegs" | "l3Off" | "l4Off", number>>;
  be16?: Partial<Record<"sportBe" | "dportBe" | "ethProtoBe", number>>;
  ifindex?: number;
  /** The trailer of a tunnel, hex. */
  tunnel?: string;
};

const hexBytes = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/** The wire bytes of one record. */
export function recordBytes(spec: RecordSpec): Uint8Array<ArrayBuffer> {
  const bytes = hexBytes(spec.bytes ?? "");
  const trailer = hexBytes(spec.tunnel ?? "");
  const out = new Uint8Array(recordLength(bytes.length, trailer.length > 0));
  const view = new DataView(out.buffer);
  view.setUint16(recordAt.recLen, out.length, true);
  view.setUint16(recordAt.capLen, bytes.length, true);
  view.setUint32(recordAt.wireLen, spec.wireLen ?? bytes.length, true);
  view.setBigUint64(recordAt.tsNs, spec.tsNs ?? 0n, true);
  view.setUint32(recordAt.ifindex, spec.ifindex ?? 1, true);
  view.setUint32(recordAt.sampleN, 1, true);
  for (const [name, value] of Object.entries(spec.u8 ?? {})) view.setUint8(recordAt[name as "hook"], value);
  for (const [name, value] of Object.entries(spec.u16 ?? {})) view.setUint16(recordAt[name as "l3Off"], value, true);
  for (const [name, value] of Object.entries(spec.be16 ?? {})) view.setUint16(recordAt[name as "sportBe"], value);
  out.set(hexBytes(spec.saddr ?? ""), recordAt.saddr);
  out.set(hexBytes(spec.daddr ?? ""), recordAt.daddr);
  out.set(bytes, RECORD_HEADER_BYTES);
  out.set(trailer, out.length - trailer.length);
  return out;
}

export function recordOf(spec: RecordSpec): RecordRef {
  return { view: new DataView(recordBytes(spec).buffer), at: 0 };
}

export const HOST = "0190b6a4-7c3e-7d11-aa55-c0ffee123456";
export const BOOT = "5f1c2d3e-4a5b-4677-8899-aabbccddeeff";

/** A whole record batch of HOST. */
export function recordBatch(specs: readonly RecordSpec[], sequence = 1n): Uint8Array<ArrayBuffer> {
  const records = specs.map(recordBytes);
  const bodyLen = records.reduce((sum, record) => sum + record.length, 0);
  const out = new Uint8Array(BATCH_HEADER_BYTES + bodyLen);
  const view = new DataView(out.buffer);
  frameBatch(view, {
    kind: BatchKind.records,
    count: specs.length,
    bodyLen,
    firstNs: specs[0]?.tsNs ?? 0n,
    lastNs: specs.at(-1)?.tsNs ?? 0n,
  });
  stampBatch(view, { hostId: HOST, bootId: BOOT, stream: 1n, sequence, sampleN: 1, snaplen: 128, ringLost: 0n, queueLost: 0n });
  let at = BATCH_HEADER_BYTES;
  for (const record of records) {
    out.set(record, at);
    at += record.length;
  }
  return out;
}
