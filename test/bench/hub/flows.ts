import { randomUUID } from "node:crypto";
import {
  BATCH_HEADER_BYTES,
  BatchKind,
  Direction,
  FLOW_BYTES,
  FlowEnd,
  flowAt,
  frameBatch,
  headerAt,
  uuidToBytes,
  viewOf,
} from "@sonde/protocol";
import { encodeFlows } from "../../../apps/web/src/server/store/encode-flows.ts";
import { seeded } from "../../support/random.ts";
import { type SimHost, bootNow, simInterface } from "../../support/sim-agent.ts";

/** Flow records of a batch: close to the most that one holds. */
export const FLOWS = 2_400;

/** A flow batch of one host without stream and sequence: TCP and UDP between many addresses, of the last ten seconds. */
export function flowBatch({ hostId, bootId }: Pick<SimHost, "hostId" | "bootId">, seed: number): Uint8Array {
  const random = seeded(seed);
  const bytes = new Uint8Array(BATCH_HEADER_BYTES + FLOWS * FLOW_BYTES);
  const view = viewOf(bytes);
  const lastNs = bootNow();
  frameBatch(view, { kind: BatchKind.flows, count: FLOWS, bodyLen: FLOWS * FLOW_BYTES, firstNs: lastNs - 1_000_000_000n, lastNs });
  uuidToBytes(hostId, view, headerAt.hostId);
  uuidToBytes(bootId, view, headerAt.bootId);
  view.setUint32(headerAt.sampleN, 1, true);
  for (let i = 0; i < FLOWS; i++) {
    const at = BATCH_HEADER_BYTES + i * FLOW_BYTES;
    const frames = random.between(1, 1_000);
    view.setUint32(at + flowAt.saddr, (0x0a00_0000 | random.below(2 ** 16)) >>> 0);
    view.setUint32(at + flowAt.daddr, (0x0a01_0000 | random.below(2 ** 16)) >>> 0);
    view.setUint16(at + flowAt.sportBe, random.between(32_768, 60_999));
    view.setUint16(at + flowAt.dportBe, random.pick([22, 53, 80, 443, 8080]));
    view.setUint32(at + flowAt.ifindex, simInterface.ifindex, true);
    view.setUint8(at + flowAt.family, 4);
    view.setUint8(at + flowAt.ipProto, random.pick([6, 6, 6, 17]));
    view.setUint8(at + flowAt.direction, random.pick([Direction.ingress, Direction.egress]));
    view.setBigUint64(at + flowAt.firstNs, lastNs - BigInt(random.between(5_000, 10_000)) * 1_000_000n, true);
    view.setBigUint64(at + flowAt.lastNs, lastNs - BigInt(random.below(5_000)) * 1_000_000n, true);
    view.setBigUint64(at + flowAt.frames, BigInt(frames), true);
    view.setBigUint64(at + flowAt.packets, BigInt(frames), true);
    view.setBigUint64(at + flowAt.bytes, BigInt(frames * random.between(64, 1_500)), true);
    view.setUint8(at + flowAt.tcpFlags, 0x1b);
    view.setUint8(at + flowAt.endReason, FlowEnd.idle);
  }
  return bytes;
}

/** The rows that the hub makes of such batches, in Postgres' binary COPY format without its head and end. */
export function flowRows(batches: number, atMs: number): Buffer {
  const interfaces = new Map([[simInterface.ifindex, 1]]);
  const rows = Array.from({ length: batches }, (_, i) => {
    const view = viewOf(flowBatch({ hostId: randomUUID(), bootId: randomUUID() }, i + 1));
    const header = { ...emptyHeader, count: FLOWS, lastNs: view.getBigUint64(headerAt.lastNs, true) };
    const encoded = encodeFlows({
      view,
      header,
      interfaces,
      uplinks: new Set(),
      hostUuid: new Uint8Array(16),
      hostNumber: i,
      atUs: atMs * 1000,
    });
    if (!encoded.ok) throw new Error(`the hub would refuse the bench's own batch: ${encoded.code}`);
    return encoded.value.bytes;
  });
  return Buffer.concat(rows);
}

const emptyHeader = {
  kind: BatchKind.flows,
  hostId: "",
  bootId: "",
  stream: 1n,
  sequence: 1n,
  filterSet: 0,
  bodyLen: 0,
  sampleN: 1,
  snaplen: 0,
  firstNs: 0n,
  ringLost: 0n,
  queueLost: 0n,
} as const;
