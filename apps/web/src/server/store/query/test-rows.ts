import { BATCH_HEADER_BYTES, BatchKind, FLOW_BYTES, RecordFlag, flowAt, frameBatch, recordAt, tunnelAt, viewOf } from "@sonde/protocol";
import fc from "fast-check";
import { parseAddress } from "../../../domain/query/addressLiteral.ts";
import { testAddresses } from "../../../domain/query/testQueries.ts";
import { recordBytes } from "../../../domain/testRecords.ts";

/** When test batches were written, on their host's clock. */
export const WRITTEN_NS = 9_000_000_000_123_456n;

const bytesOf = (text: string): readonly number[] => parseAddress(text)?.bytes ?? [];
const v4 = testAddresses.filter((text) => !text.includes(":"));
const v6 = testAddresses.filter((text) => text.includes(":"));
const ends = (of: readonly string[]) => fc.tuple(fc.constantFrom(...of), fc.constantFrom(...of)).map((pair) => pair.map(bytesOf));

const port = fc.oneof(fc.constantFrom(0, 1, 53, 443, 8080, 65_535, 0x0800, 0x0301), fc.nat(0xffff));
const protocol = fc.oneof(fc.constantFrom(1, 6, 6, 6, 17, 17, 58, 132), fc.nat(255));
const count = fc.oneof(fc.nat(20), fc.constantFrom(500, 1000, 1500), fc.nat(0x7fff_ffff));
const common = {
  ports: fc.tuple(port, port),
  protocol,
  ifindex: fc.integer({ min: 1, max: 3 }),
  tcpFlags: fc.nat(255),
  direction: fc.constantFrom(1, 2),
  verdict: fc.constantFrom(0, 0, 1),
};
const tag = fc.oneof(
  fc.constant(0),
  fc.constantFrom(1, 5, 500, 4095, 0).map((id) => 0x1000 | id),
);

const someFlow = fc.record({
  ...common,
  addresses: fc.oneof(ends(v4), ends(v6)),
  vlan: tag,
  vlanInner: tag,
  tunnel: fc.constantFrom(0, 0, 1, 2, 3, 4),
  tunnelId: fc.constantFrom(0, 1, 500, 0x00ab_cdef, 2 ** 31, 2 ** 32 - 1),
  /** Before the batch was written; the first is so much earlier still. */
  lastAge: fc.oneof(fc.integer({ min: -2_000_000, max: 3_000_000_000 }), fc.constant(0)),
  took: fc.oneof(fc.nat(3_000_000_000), fc.constantFrom(0, 499_999, 500_000, 500_001, 1_000_000_000)),
  counts: fc.tuple(count, count, fc.oneof(count, fc.nat(2 ** 48 - 1))),
  endReason: fc.integer({ min: 1, max: 5 }),
});

/** A flow batch of rows by chance. */
export function flowBatchBy(seed: number, rows: number): Uint8Array {
  const out = new Uint8Array(BATCH_HEADER_BYTES + rows * FLOW_BYTES);
  const view = viewOf(out);
  frameBatch(view, { kind: BatchKind.flows, count: rows, bodyLen: rows * FLOW_BYTES, firstNs: 1n, lastNs: WRITTEN_NS });
  fc.sample(someFlow, { seed, numRuns: rows }).forEach((flow, i) => {
    const at = BATCH_HEADER_BYTES + i * FLOW_BYTES;
    const [source = [], destination = []] = flow.addresses;
    out.set(source, at + flowAt.saddr);
    out.set(destination, at + flowAt.daddr);
    view.setUint8(at + flowAt.family, source.length === 4 ? 4 : 6);
    view.setUint16(at + flowAt.sportBe, flow.ports[0]);
    view.setUint16(at + flowAt.dportBe, flow.ports[1]);
    view.setUint32(at + flowAt.ifindex, flow.ifindex, true);
    view.setUint16(at + flowAt.vlan, flow.vlan, true);
    view.setUint16(at + flowAt.vlanInner, flow.vlanInner, true);
    view.setUint32(at + flowAt.tunnelId, flow.tunnelId, true);
    view.setUint8(at + flowAt.tunnel, flow.tunnel);
    view.setUint8(at + flowAt.ipProto, flow.protocol);
    view.setUint8(at + flowAt.direction, flow.direction);
    const last = WRITTEN_NS - BigInt(flow.lastAge);
    view.setBigUint64(at + flowAt.firstNs, last - BigInt(flow.took), true);
    view.setBigUint64(at + flowAt.lastNs, last, true);
    flow.counts.forEach((value, n) => view.setBigUint64(at + flowAt.frames + n * 8, BigInt(value), true));
    view.setUint8(at + flowAt.tcpFlags, flow.tcpFlags);
    view.setUint8(at + flowAt.verdict, flow.verdict);
    view.setUint8(at + flowAt.endReason, flow.endReason);
  });
  return out;
}

const somePacket = fc.record({
  ...common,
  addresses: fc.oneof(ends(v4), ends(v6), fc.constant(null)),
  arp: fc.boolean(),
  vlan: fc.oneof(fc.constant(null), fc.constantFrom(0, 5, 500, 0xe005)),
  tunnel: fc.constantFrom(null, null, 1, 2, 3, 4),
  wireLen: fc.constantFrom(60, 500, 1000, 1500, 65_535, 2 ** 32 - 1),
  parseErr: fc.constantFrom(0, 0, 0, 1, 6, 13, 43, 200),
  captured: fc.constantFrom(0, 8),
});
type Packet = typeof somePacket extends fc.Arbitrary<infer T> ? T : never;

const hex = (bytes: readonly number[]): string => Buffer.from(bytes).toString("hex");

function packetBytes(packet: Packet): Uint8Array {
  const [source = [], destination = []] = packet.addresses ?? (packet.arp ? [bytesOf("10.0.0.1"), bytesOf("10.0.0.2")] : []);
  const bytes = recordBytes({
    bytes: "00".repeat(packet.captured),
    wireLen: packet.wireLen,
    saddr: hex(source),
    daddr: hex(destination),
    ifindex: packet.ifindex,
    u8: {
      direction: packet.direction,
      parseErr: packet.parseErr,
      ipProto: packet.addresses === null ? 0 : packet.protocol,
      tcpFlags: packet.tcpFlags,
      flags: (packet.vlan === null ? 0 : RecordFlag.vlan) | (packet.tunnel === null ? 0 : RecordFlag.tunnel),
    },
    u16: { vlanTci: packet.vlan ?? 0 },
    be16: {
      sportBe: packet.ports[0],
      dportBe: packet.ports[1],
      ethProtoBe: packet.addresses === null ? (packet.arp ? 0x0806 : 0x88cc) : source.length === 4 ? 0x0800 : 0x86dd,
    },
    ...(packet.tunnel === null ? {} : { tunnel: `${"00".repeat(tunnelAt.type)}0${packet.tunnel}000000` }),
  });
  bytes[recordAt.verdict] = packet.verdict;
  return bytes;
}

/** A batch of one record by chance. */
export function packetBatchBy(seed: number): Uint8Array {
  const [packet] = fc.sample(somePacket, { seed, numRuns: 1 });
  const record = packet === undefined ? new Uint8Array(0) : packetBytes(packet);
  const bytes = new Uint8Array(BATCH_HEADER_BYTES + record.length);
  const view = viewOf(bytes);
  frameBatch(view, { kind: BatchKind.records, count: 1, bodyLen: record.length, firstNs: 1n, lastNs: 0n });
  bytes.set(record, BATCH_HEADER_BYTES);
  return bytes;
}
