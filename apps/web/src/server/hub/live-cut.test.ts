import fc from "fast-check";
import { expect, test } from "vitest";
import {
  BATCH_HEADER_BYTES,
  BatchKind,
  RECORD_HEADER_BYTES,
  RecordFlag,
  TUNNEL_BYTES,
  checkBatch,
  frameBatch,
  recordAt,
  recordLength,
  tunnelAt,
  viewOf,
} from "@sonde/protocol";
import { chooseSeed } from "../../../../../test/support/random.ts";
import { cutForLive } from "./live-cut.ts";

const seed = chooseSeed(process.env["SONDE_SEED"]);
type Given = { readonly selected: bigint; readonly capLen: number; readonly tunnel: boolean };

/** Record i holds bytes of i + 1, its tunnel a number of i. */
function batchOf(records: readonly Given[]): Uint8Array {
  const bodyLen = records.reduce((sum, { capLen, tunnel }) => sum + recordLength(capLen, tunnel), 0);
  const bytes = new Uint8Array(BATCH_HEADER_BYTES + bodyLen);
  const view = viewOf(bytes);
  frameBatch(view, { kind: BatchKind.records, count: records.length, bodyLen, firstNs: 0n, lastNs: 0n });
  let at = BATCH_HEADER_BYTES;
  for (const [i, { selected, capLen, tunnel }] of records.entries()) {
    const length = recordLength(capLen, tunnel);
    bytes.fill(i + 1, at + RECORD_HEADER_BYTES, at + RECORD_HEADER_BYTES + capLen);
    view.setUint16(at + recordAt.recLen, length, true);
    view.setUint16(at + recordAt.capLen, capLen, true);
    view.setUint32(at + recordAt.wireLen, capLen, true);
    view.setBigUint64(at + recordAt.selected, selected, true);
    view.setUint8(at + recordAt.direction, 1);
    view.setUint8(at + recordAt.flags, tunnel ? RecordFlag.tunnel : 0);
    if (tunnel) view.setUint8(at + length - TUNNEL_BYTES + tunnelAt.type, 1);
    if (tunnel) view.setUint32(at + length - TUNNEL_BYTES + tunnelAt.id, i, true);
    at += length;
  }
  return bytes;
}

const record = fc.record({ selected: fc.bigInt(0n, 2n ** 64n - 1n), capLen: fc.integer({ min: 0, max: 400 }), tunnel: fc.boolean() });
const limits = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 64 });

test("each record keeps what the filters that selected it allow, its padding and its tunnel; the batch is sound", () => {
  const property = fc.property(fc.array(record, { maxLength: 20 }), limits, (records, live) => {
    const batch = batchOf(records);
    const untouched = batch.slice();
    const cut = cutForLive(batch, records.length, live);
    expect(batch).toEqual(untouched);
    const expected = records.map((one) => {
      const allowed = live.filter((_, bit) => (one.selected >> BigInt(bit)) & 1n);
      return { ...one, capLen: Math.min(one.capLen, Math.max(0, ...allowed)) };
    });
    const view = viewOf(cut);
    expect(checkBatch(view)).toMatchObject({ ok: true, value: { count: records.length } });
    let at = BATCH_HEADER_BYTES;
    for (const [i, { capLen, tunnel }] of expected.entries()) {
      const length = recordLength(capLen, tunnel);
      const packet = cut.subarray(at + RECORD_HEADER_BYTES, at + length - (tunnel ? TUNNEL_BYTES : 0));
      expect(view.getUint16(at + recordAt.capLen, true)).toBe(capLen);
      expect([...packet].every((byte, k) => byte === (k < capLen ? i + 1 : 0))).toBe(true);
      expect(view.getUint32(at + recordAt.wireLen, true)).toBe(records[i]!.capLen);
      if (tunnel) expect(view.getUint32(at + length - TUNNEL_BYTES + tunnelAt.id, true)).toBe(i);
      at += length;
    }
    expect(at).toBe(cut.byteLength);
  });
  fc.assert(property, { seed, numRuns: 300 });
});

test("a set without captures, and a batch within the limits, go as they came", () => {
  const batch = batchOf([{ selected: 1n, capLen: 128, tunnel: false }]);
  expect(cutForLive(batch, 1, [])).toBe(batch);
  expect(cutForLive(batch, 1, [128, 128])).toBe(batch);
});
