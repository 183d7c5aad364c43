import fc from "fast-check";
import { describe, expect, test } from "vitest";
import counters from "../vectors/counters.json" with { type: "json" };
import filterCounters from "../vectors/filter-counters.json" with { type: "json" };
import flows from "../vectors/flows.json" with { type: "json" };
import records from "../vectors/records.json" with { type: "json" };
import { checkBatch, frameBatch, recordLength, stampBatch, viewOf } from "./batch.ts";
import {
  BATCH_HEADER_BYTES,
  BatchKind,
  COUNTER_ROW_BYTES,
  FILTER_ROW_BYTES,
  FLOW_BYTES,
  MAX_BATCH_BYTES,
  RecordFlag,
  TUNNEL_BYTES,
  counterRowAt,
  filterRowAt,
  flowAt,
  headerAt,
  parseErrors,
  protoClasses,
  recordAt,
  sizeClasses,
  tcpFlagNames,
  tunnelAt,
  verdicts,
} from "./layout.ts";
import { chooseSeed } from "../../../test/support/random.ts";

const bytesOf = (hex: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(hex, "hex"));
const uuidHex = (uuid: string): string => uuid.replaceAll("-", "");
const hexAt = (view: DataView, at: number, length: number): string =>
  Buffer.from(view.buffer, view.byteOffset + at, length).toString("hex");

describe("golden vectors (SPEC 2)", () => {
  test.each([records, counters, flows, filterCounters])("header of $name", (vector) => {
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
    for (const { tunnel, ...expected } of records.records) {
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
      at += recordLength(expected.cap_len, tunnel !== undefined);
      expect((expected.flags & RecordFlag.tunnel) !== 0).toBe(tunnel !== undefined);
      if (tunnel !== undefined) expect(tunnelOf(view, at - TUNNEL_BYTES)).toEqual(tunnel);
    }
    expect(at).toBe(view.byteLength);
  });

  test("every field of every counter row lies where the layout says", () => {
    const view = viewOf(bytesOf(counters.hex));
    const u64 = (at: number): number => Number(view.getBigUint64(at, true));
    const u64s = (at: number, count: number): number[] => Array.from({ length: count }, (_, i) => u64(at + i * 8));
    counters.rows.forEach((expected, index) => {
      const at = BATCH_HEADER_BYTES + index * COUNTER_ROW_BYTES;
      expect({
        ifindex: view.getUint32(at + counterRowAt.ifindex, true),
        direction: view.getUint8(at + counterRowAt.direction),
        hook: view.getUint8(at + counterRowAt.hook),
        proto: verdicts.map((_, v) =>
          protoClasses.map((_, p) => u64s(at + counterRowAt.proto + v * counterRowAt.verdictStride + p * counterRowAt.protoStride, 3)),
        ),
        unmatched: u64(at + counterRowAt.unmatched),
        sampled_out: u64(at + counterRowAt.sampledOut),
        ring_lost: u64(at + counterRowAt.ringLost),
        delivered: u64(at + counterRowAt.delivered),
        no_reader: u64(at + counterRowAt.noReader),
        unflowed: u64s(at + counterRowAt.unflowed, 3),
        non_flow: u64s(at + counterRowAt.nonFlow, 3),
        tcp_flags: u64s(at + counterRowAt.tcpFlags, tcpFlagNames.length),
        sizes: u64s(at + counterRowAt.sizes, sizeClasses.length),
        malformed: u64s(at + counterRowAt.malformed, parseErrors.length),
      }).toEqual(expected);
    });
  });

  test("every field of every flow lies where the layout says", () => {
    const view = viewOf(bytesOf(flows.hex));
    flows.flows.forEach((expected, index) => {
      const at = BATCH_HEADER_BYTES + index * FLOW_BYTES;
      const u64 = (offset: number): string => String(view.getBigUint64(at + offset, true));
      expect({
        saddr: hexAt(view, at + flowAt.saddr, 16),
        daddr: hexAt(view, at + flowAt.daddr, 16),
        sport: view.getUint16(at + flowAt.sportBe, false),
        dport: view.getUint16(at + flowAt.dportBe, false),
        ifindex: view.getUint32(at + flowAt.ifindex, true),
        vlan: view.getUint16(at + flowAt.vlan, true),
        vlan_inner: view.getUint16(at + flowAt.vlanInner, true),
        tunnel_id: view.getUint32(at + flowAt.tunnelId, true),
        tunnel: view.getUint8(at + flowAt.tunnel),
        family: view.getUint8(at + flowAt.family),
        ip_proto: view.getUint8(at + flowAt.ipProto),
        direction: view.getUint8(at + flowAt.direction),
        first_ns: u64(flowAt.firstNs),
        last_ns: u64(flowAt.lastNs),
        frames: u64(flowAt.frames),
        packets: u64(flowAt.packets),
        bytes: u64(flowAt.bytes),
        tcp_flags: view.getUint8(at + flowAt.tcpFlags),
        verdict: view.getUint8(at + flowAt.verdict),
        end_reason: view.getUint8(at + flowAt.endReason),
      }).toEqual(expected);
    });
  });

  test("every field of every filter row lies where the layout says", () => {
    const view = viewOf(bytesOf(filterCounters.hex));
    filterCounters.rows.forEach((expected, index) => {
      const at = BATCH_HEADER_BYTES + index * FILTER_ROW_BYTES;
      const u64 = (offset: number): string => String(view.getBigUint64(at + offset, true));
      expect({
        filter_set: view.getUint32(at + filterRowAt.filterSet, true),
        bit: view.getUint32(at + filterRowAt.bit, true),
        matched: u64(filterRowAt.matched),
        sampled_out: u64(filterRowAt.sampledOut),
        ring_lost: u64(filterRowAt.ringLost),
        no_reader: u64(filterRowAt.noReader),
        delivered: u64(filterRowAt.delivered),
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

function tunnelOf(view: DataView, at: number) {
  return {
    saddr: hexAt(view, at + tunnelAt.saddr, 16),
    daddr: hexAt(view, at + tunnelAt.daddr, 16),
    sport: view.getUint16(at + tunnelAt.sportBe, false),
    dport: view.getUint16(at + tunnelAt.dportBe, false),
    eth_proto: view.getUint16(at + tunnelAt.ethProtoBe, false),
    l3_off: view.getUint16(at + tunnelAt.l3Off, true),
    id: view.getUint32(at + tunnelAt.id, true),
    type: view.getUint8(at + tunnelAt.type),
    ip_proto: view.getUint8(at + tunnelAt.ipProto),
    tcp_flags: view.getUint8(at + tunnelAt.tcpFlags),
    flags: view.getUint8(at + tunnelAt.flags),
  };
}

test("names of malformed cases: one for each, those inside a tunnel 32 higher (SPEC 2.12)", () => {
  const named = parseErrors.filter((name) => name !== undefined);
  expect(new Set(named).size).toBe(named.length);
  expect([parseErrors[0], parseErrors[11], parseErrors[11 + 32], parseErrors[32]]).toEqual([
    "ok",
    "short_tcp",
    "inner_short_tcp",
    undefined,
  ]);
  expect(parseErrors).toHaveLength(64);
});

describe("refusals", () => {
  const good = {
    records: bytesOf(records.hex),
    counters: bytesOf(counters.hex),
    flows: bytesOf(flows.hex),
    filterCounters: bytesOf(filterCounters.hex),
  };
  const changed = (kind: keyof typeof good, change: (view: DataView) => void): DataView => {
    const view = viewOf(new Uint8Array(good[kind]));
    change(view);
    return view;
  };

  test.each(Object.values(good))("SPEC 2.1: every truncation is refused", (bytes) => {
    for (let length = 0; length < bytes.length; length++) {
      expect(checkBatch(viewOf(bytes.subarray(0, length)))).toEqual({
        ok: false,
        code: length < BATCH_HEADER_BYTES ? "BATCH_TRUNCATED" : "BATCH_LENGTH",
      });
    }
  });
  test("SPEC 2.2: one byte too large", () => {
    expect(checkBatch(new DataView(new ArrayBuffer(MAX_BATCH_BYTES + 1)))).toEqual({ ok: false, code: "BATCH_TOO_LARGE" });
  });
  test.each([
    ["BATCH_MAGIC", "records", (v: DataView) => v.setUint32(headerAt.magic, 1, true)],
    ["BATCH_VERSION", "records", (v: DataView) => v.setUint16(headerAt.version, 2, true)],
    ["BATCH_KIND", "records", (v: DataView) => v.setUint16(headerAt.kind, 0, true)],
    ["BATCH_KIND", "records", (v: DataView) => v.setUint16(headerAt.kind, 5, true)],
    ["BATCH_LENGTH", "flows", (v: DataView) => v.setUint32(headerAt.bodyLen, 8, true)],
    ["BATCH_RECORD", "flows", (v: DataView) => v.setUint32(headerAt.reserved, 1, true)],
    ["BATCH_RECORD", "records", (v: DataView) => v.setUint32(headerAt.count, 4, true)],
    ["BATCH_RECORD", "records", (v: DataView) => v.setUint32(headerAt.count, 0xffffffff, true)],
    ["BATCH_RECORD", "records", (v: DataView) => v.setUint16(headerAt.kind, BatchKind.counters, true)],
    ["BATCH_RECORD", "records", (v: DataView) => v.setUint16(BATCH_HEADER_BYTES + recordAt.recLen, 0, true)],
    ["BATCH_RECORD", "records", (v: DataView) => v.setUint16(BATCH_HEADER_BYTES + recordAt.capLen, 0xfff8, true)],
    ["BATCH_RECORD", "records", (v: DataView) => v.setUint32(BATCH_HEADER_BYTES + recordAt.wireLen, 1, true)],
    ["BATCH_RECORD", "records", (v: DataView) => v.setUint8(BATCH_HEADER_BYTES + recordAt.flags, RecordFlag.tunnel)],
    ["BATCH_RECORD", "counters", (v: DataView) => v.setUint8(BATCH_HEADER_BYTES + counterRowAt.direction, 3)],
    ["BATCH_RECORD", "counters", (v: DataView) => v.setUint16(BATCH_HEADER_BYTES + counterRowAt.reserved, 1, true)],
    ["BATCH_RECORD", "flows", (v: DataView) => v.setUint32(headerAt.count, 1, true)],
    ["BATCH_RECORD", "flows", (v: DataView) => v.setUint8(BATCH_HEADER_BYTES + flowAt.direction, 0)],
    ["BATCH_RECORD", "flows", (v: DataView) => v.setUint8(BATCH_HEADER_BYTES + flowAt.family, 5)],
    ["BATCH_RECORD", "flows", (v: DataView) => v.setUint8(BATCH_HEADER_BYTES + flowAt.tunnel, 5)],
    ["BATCH_RECORD", "flows", (v: DataView) => v.setUint8(BATCH_HEADER_BYTES + flowAt.verdict, 2)],
    ["BATCH_RECORD", "flows", (v: DataView) => v.setUint8(BATCH_HEADER_BYTES + flowAt.endReason, 0)],
    ["BATCH_RECORD", "flows", (v: DataView) => v.setUint8(BATCH_HEADER_BYTES + flowAt.endReason, 6)],
    ["BATCH_RECORD", "flows", (v: DataView) => v.setUint32(BATCH_HEADER_BYTES + flowAt.keyReserved, 1, true)],
    ["BATCH_RECORD", "flows", (v: DataView) => v.setUint8(BATCH_HEADER_BYTES + flowAt.reserved, 1)],
    ["BATCH_RECORD", "flows", (v: DataView) => v.setUint8(BATCH_HEADER_BYTES + flowAt.reserved + 4, 1)],
    ["BATCH_RECORD", "flows", (v: DataView) => v.setBigUint64(BATCH_HEADER_BYTES + flowAt.firstNs, 2n ** 63n, true)],
    ["BATCH_RECORD", "filterCounters", (v: DataView) => v.setUint32(headerAt.count, 1, true)],
  ] as const)("SPEC 2.3–2.6, 2.8, 2.10: %s in %s", (code, kind, change) => {
    expect(checkBatch(changed(kind, change))).toEqual({ ok: false, code });
  });

  test("SPEC 2.9: random bytes and random damage never throw", () => {
    const seed = chooseSeed(process.env["SONDE_SEED"]);
    const flip = fc.array(fc.tuple(fc.nat(MAX_BATCH_BYTES), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.constantFrom(...Object.values(good)), flip, (random, batch, flips) => {
        checkBatch(viewOf(random));
        const bytes = new Uint8Array(batch);
        for (const [at, value] of flips) bytes[at % bytes.length] = value;
        const checked = checkBatch(viewOf(bytes));
        if (checked.ok) expect(checked.value.bodyLen).toBe(batch.length - BATCH_HEADER_BYTES);
      }),
      { seed, numRuns: 4000 },
    );
  });
});
