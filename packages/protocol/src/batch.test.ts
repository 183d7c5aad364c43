import fc from "fast-check";
import { describe, expect, test } from "vitest";
import counters from "../vectors/counters.json" with { type: "json" };
import records from "../vectors/records.json" with { type: "json" };
import { checkBatch, frameBatch, recordLength, stampBatch, viewOf } from "./batch.ts";
import {
  BATCH_HEADER_BYTES,
  BatchKind,
  COUNTER_ROW_BYTES,
  MAX_BATCH_BYTES,
  counterRowAt,
  headerAt,
  protoClasses,
  recordAt,
} from "./layout.ts";

const bytesOf = (hex: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(hex, "hex"));
const uuidHex = (uuid: string): string => uuid.replaceAll("-", "");
const hexAt = (view: DataView, at: number, length: number): string =>
  Buffer.from(view.buffer, view.byteOffset + at, length).toString("hex");

describe("golden vectors (SPEC 2)", () => {
  test.each([records, counters])("header of $name", (vector) => {
    const checked = checkBatch(viewOf(bytesOf(vector.hex)));
    if (!checked.ok) throw new Error(checked.code);
    const { value } = checked;
    const expected = vector.header;
    expect({
      kind: value.kind,
      host_id: uuidHex(value.hostId),
      boot_id: uuidHex(value.bootId),
      stream: String(value.stream),
      sequence: String(value.sequence),
      filter_set: value.filterSet,
      count: value.count,
      body_len: value.bodyLen,
      sample_n: value.sampleN,
      first_ns: String(value.firstNs),
      last_ns: String(value.lastNs),
      ring_lost: String(value.ringLost),
      queue_lost: String(value.queueLost),
      snaplen: value.snaplen,
      magic: expected.magic,
      version: expected.version,
    }).toEqual(expected);
  });

  test("every field of every record lies where the layout says", () => {
    const view = viewOf(bytesOf(records.hex));
    let at = BATCH_HEADER_BYTES;
    for (const expected of records.records) {
      const read = {
        rec_len: view.getUint16(at + recordAt.recLen, true),
        cap_len: view.getUint16(at + recordAt.capLen, true),
        wire_len: view.getUint32(at + recordAt.wireLen, true),
        ts_ns: String(view.getBigUint64(at + recordAt.tsNs, true)),
        ifindex: view.getUint32(at + recordAt.ifindex, true),
        sample_n: view.getUint32(at + recordAt.sampleN, true),
        matched: String(view.getBigUint64(at + recordAt.matched, true)),
        selected: String(view.getBigUint64(at + recordAt.selected, true)),
        saddr: hexAt(view, at + recordAt.saddr, 16),
        daddr: hexAt(view, at + recordAt.daddr, 16),
        sport: view.getUint16(at + recordAt.sportBe, false),
        dport: view.getUint16(at + recordAt.dportBe, false),
        eth_proto: view.getUint16(at + recordAt.ethProtoBe, false),
        vlan_tci: view.getUint16(at + recordAt.vlanTci, true),
        vlan_inner_tci: view.getUint16(at + recordAt.vlanInnerTci, true),
        gso_segs: view.getUint16(at + recordAt.gsoSegs, true),
        l3_off: view.getUint16(at + recordAt.l3Off, true),
        l4_off: view.getUint16(at + recordAt.l4Off, true),
        direction: view.getUint8(at + recordAt.direction),
        hook: view.getUint8(at + recordAt.hook),
        verdict: view.getUint8(at + recordAt.verdict),
        parse_err: view.getUint8(at + recordAt.parseErr),
        ip_proto: view.getUint8(at + recordAt.ipProto),
        tcp_flags: view.getUint8(at + recordAt.tcpFlags),
        flags: view.getUint8(at + recordAt.flags),
        proto: view.getUint8(at + recordAt.proto),
        captured: hexAt(view, at + recordLength(0), expected.cap_len),
      };
      expect(read).toEqual(expected);
      at += recordLength(expected.cap_len);
    }
    expect(at).toBe(view.byteLength);
  });

  test("every field of every counter row lies where the layout says", () => {
    const view = viewOf(bytesOf(counters.hex));
    const u64 = (at: number): number => Number(view.getBigUint64(at, true));
    counters.rows.forEach((expected, index) => {
      const at = BATCH_HEADER_BYTES + index * COUNTER_ROW_BYTES;
      expect({
        ifindex: view.getUint32(at + counterRowAt.ifindex, true),
        direction: view.getUint8(at + counterRowAt.direction),
        hook: view.getUint8(at + counterRowAt.hook),
        proto: protoClasses.map((_, p) => [0, 8, 16].map((field) => u64(at + counterRowAt.proto + p * counterRowAt.protoStride + field))),
        unmatched: u64(at + counterRowAt.unmatched),
        sampled_out: u64(at + counterRowAt.sampledOut),
        ring_lost: u64(at + counterRowAt.ringLost),
        delivered: u64(at + counterRowAt.delivered),
        no_reader: u64(at + counterRowAt.noReader),
        malformed: expected.malformed.map((_, i) => u64(at + counterRowAt.malformed + i * 8)),
      }).toEqual(expected);
    });
  });

  test("frame and stamp write the vector's header byte for byte", () => {
    const bytes = bytesOf(records.hex);
    const copy = new Uint8Array(bytes);
    copy.fill(0, 0, BATCH_HEADER_BYTES);
    const checked = checkBatch(viewOf(bytes));
    if (!checked.ok) throw new Error(checked.code);
    frameBatch(viewOf(copy), checked.value);
    stampBatch(viewOf(copy), checked.value);
    expect(copy).toEqual(bytes);
  });
});

describe("refusals", () => {
  const good = bytesOf(records.hex);
  const changed = (change: (view: DataView) => void): DataView => {
    const view = viewOf(new Uint8Array(good));
    change(view);
    return view;
  };

  test("SPEC 2.1: every truncation is refused", () => {
    for (let length = 0; length < good.length; length++) {
      expect(checkBatch(viewOf(good.subarray(0, length)))).toEqual({
        ok: false,
        code: length < BATCH_HEADER_BYTES ? "BATCH_TRUNCATED" : "BATCH_LENGTH",
      });
    }
  });
  test("SPEC 2.2: one byte too large", () => {
    expect(checkBatch(new DataView(new ArrayBuffer(MAX_BATCH_BYTES + 1)))).toEqual({ ok: false, code: "BATCH_TOO_LARGE" });
  });
  test.each([
    ["BATCH_MAGIC", (v: DataView) => v.setUint32(headerAt.magic, 1, true)],
    ["BATCH_VERSION", (v: DataView) => v.setUint16(headerAt.version, 1, true)],
    ["BATCH_KIND", (v: DataView) => v.setUint16(headerAt.kind, 3, true)],
    ["BATCH_LENGTH", (v: DataView) => v.setUint32(headerAt.bodyLen, 8, true)],
    ["BATCH_RECORD", (v: DataView) => v.setUint32(headerAt.count, 3, true)],
    ["BATCH_RECORD", (v: DataView) => v.setUint32(headerAt.count, 0xffffffff, true)],
    ["BATCH_RECORD", (v: DataView) => v.setUint16(headerAt.kind, BatchKind.counters, true)],
    ["BATCH_RECORD", (v: DataView) => v.setUint16(BATCH_HEADER_BYTES + recordAt.recLen, 0, true)],
    ["BATCH_RECORD", (v: DataView) => v.setUint16(BATCH_HEADER_BYTES + recordAt.capLen, 0xfff8, true)],
    ["BATCH_RECORD", (v: DataView) => v.setUint32(BATCH_HEADER_BYTES + recordAt.wireLen, 1, true)],
  ] as const)("SPEC 2.3–2.6: %s", (code, change) => {
    expect(checkBatch(changed(change))).toEqual({ ok: false, code });
  });

  test("SPEC 2.9: random bytes and random damage never throw", () => {
    const seed = Number(process.env["SONDE_SEED"] ?? Date.now() % 2 ** 31);
    const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), damage, (random, flips) => {
        checkBatch(viewOf(random));
        const bytes = new Uint8Array(good);
        for (const [at, value] of flips) bytes[at] = value;
        const checked = checkBatch(viewOf(bytes));
        if (checked.ok) expect(checked.value.bodyLen).toBe(good.length - BATCH_HEADER_BYTES);
      }),
      { seed, numRuns: 2000 },
    );
  });
});
