import { encodeFlows } from "../../../apps/web/src/server/store/encode-flows.ts";
import {
  BATCH_HEADER_BYTES,
  BatchKind,
  Direction,
  FLOW_BYTES,
  FlowEnd,
  checkBatch,
  flowAt,
  frameBatch,
  stampBatch,
  viewOf,
} from "../../../packages/protocol/src/index.ts";
import type { Random } from "../../support/random.ts";

/** A host of the made-up fleet: its number in the series, its address 10.20.x.y, and its interfaces by ifindex. */
export type BenchHost = { readonly id: string; readonly number: number; readonly interfaces: ReadonlyMap<number, number> };

const BOOT_ID = "00000000-0000-4000-8000-000000000001";
const LAST_NS = 3_600_000_000_000n;
/** What services are asked for, the common ones more often; the last is rare. */
export const servicePorts = [443, 443, 443, 443, 80, 80, 53, 53, 53, 5432, 6379, 9092, 22, 8080, 3306, 25, 389, 636, 11211, 27017] as const;
/** Asked for once in about 50,000 flows. */
export const RARE_PORTS = { first: 61_000, count: 200 } as const;
const EXTERNAL_PEERS = 200_000;

/** The address of the host at this place of the list. */
export function hostAddress(index: number): string {
  return `10.20.${index >> 8}.${index & 255}`;
}

/** The n-th of the addresses outside, the first of which are met most often. */
export function externalAddress(n: number): string {
  return [100 + (n >> 16), (n >> 8) & 255, n & 255, 7].join(".");
}

/**
 * Rows of one host's flow batch as Postgres' binary COPY wants them: three of four flows with a host of the fleet, the
 * others with 200,000 addresses outside, of which few are met often.
 */
export function flowRows(random: Random, hosts: readonly BenchHost[], at: number, count: number, atUs: number): Uint8Array {
  const host = hosts[at];
  if (!host) throw new Error(`no host ${at}`);
  const bytes = new Uint8Array(BATCH_HEADER_BYTES + count * FLOW_BYTES);
  const view = viewOf(bytes);
  frameBatch(view, { kind: BatchKind.flows, count, bodyLen: count * FLOW_BYTES, firstNs: LAST_NS - 10_000_000_000n, lastNs: LAST_NS });
  stampBatch(view, { hostId: host.id, bootId: BOOT_ID, stream: 1n, sequence: 1n, sampleN: 1, snaplen: 0, ringLost: 0n, queueLost: 0n });
  for (let i = 0; i < count; i++) writeFlow(random, view, BATCH_HEADER_BYTES + i * FLOW_BYTES, { at, hosts: hosts.length });
  const header = checkBatch(view);
  if (!header.ok) throw new Error(`a batch that is not sound: ${header.code}`);
  const encoded = encodeFlows({
    view,
    header: header.value,
    interfaces: host.interfaces,
    uplinks: new Set([2]),
    hostUuid: new Uint8Array(16),
    hostNumber: host.number,
    atUs,
  });
  if (!encoded.ok) throw new Error(`a batch that is not sound: ${encoded.code}`);
  return encoded.value.bytes;
}

function writeFlow(random: Random, view: DataView, at: number, of: { at: number; hosts: number }): void {
  const outwards = random.below(2) === 0;
  const own = 0x0a14_0000 | of.at;
  const inside = random.below(4) > 0;
  const peer = inside ? 0x0a14_0000 | random.below(of.hosts) : external(Math.floor(EXTERNAL_PEERS * (random.below(1e6) / 1e6) ** 4));
  const port = random.once(250) ? RARE_PORTS.first + random.below(RARE_PORTS.count) : random.pick(servicePorts);
  const protocol = port === 53 ? 17 : 6;
  const client = 32_768 + random.below(28_000);
  const frames = 1 + Math.floor(200 * (random.below(1e6) / 1e6) ** 4);
  view.setUint32(at + flowAt.saddr, outwards ? own : peer);
  view.setUint32(at + flowAt.daddr, outwards ? peer : own);
  view.setUint16(at + flowAt.sportBe, outwards ? client : port);
  view.setUint16(at + flowAt.dportBe, outwards ? port : client);
  view.setUint32(at + flowAt.ifindex, random.once(10) ? 3 : 2, true);
  view.setUint8(at + flowAt.family, 4);
  view.setUint8(at + flowAt.ipProto, protocol);
  view.setUint8(at + flowAt.direction, outwards ? Direction.egress : Direction.ingress);
  view.setUint8(at + flowAt.verdict, random.once(500) ? 1 : 0);
  view.setBigUint64(at + flowAt.firstNs, LAST_NS - BigInt(random.below(60_000)) * 1_000_000n, true);
  view.setBigUint64(at + flowAt.lastNs, LAST_NS, true);
  view.setBigUint64(at + flowAt.frames, BigInt(frames), true);
  view.setBigUint64(at + flowAt.packets, BigInt(frames), true);
  view.setBigUint64(at + flowAt.bytes, BigInt(frames * (60 + random.below(1400))), true);
  view.setUint8(at + flowAt.tcpFlags, protocol === 6 ? 0x1b : 0);
  view.setUint8(at + flowAt.endReason, FlowEnd.idle);
}

function external(n: number): number {
  return ((100 + (n >> 16)) << 24) | (((n >> 8) & 255) << 16) | ((n & 255) << 8) | 7;
}
