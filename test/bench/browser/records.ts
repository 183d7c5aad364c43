import {
  BATCH_HEADER_BYTES,
  BatchKind,
  Direction,
  RECORD_HEADER_BYTES,
  frameBatch,
  headerAt,
  protoClasses,
  recordAt,
  stampBatch,
  uuidToBytes,
  viewOf,
} from "@sonde/protocol";
import { counterBatch } from "../../../apps/web/test/batches.ts";
import { seeded } from "../../support/random.ts";
import type { PlayedAgent } from "../../support/hub-alone.ts";

/** Records of a batch, each with this much of its packet. */
export const RECORDS = 500;
const SNAPLEN = 128;
const RECORD_BYTES = RECORD_HEADER_BYTES + SNAPLEN;
export const IFINDEX = 2;

/** A batch of TCP and UDP over IPv4 between many addresses, with the first bytes of each packet; without stream and times. */
function template(agent: PlayedAgent, seed: number): Uint8Array {
  const random = seeded(seed);
  const bytes = new Uint8Array(BATCH_HEADER_BYTES + RECORDS * RECORD_BYTES);
  const view = viewOf(bytes);
  frameBatch(view, { kind: BatchKind.records, count: RECORDS, bodyLen: RECORDS * RECORD_BYTES, firstNs: 0n, lastNs: 0n });
  uuidToBytes(agent.hostId, view, headerAt.hostId);
  uuidToBytes(agent.bootId, view, headerAt.bootId);
  for (let i = 0; i < RECORDS; i++) {
    const at = BATCH_HEADER_BYTES + i * RECORD_BYTES;
    const udp = random.once(4);
    const u16 = (field: number, value: number, little = true): void => view.setUint16(at + field, value, little);
    const u8 = (field: number, value: number): void => view.setUint8(at + field, value);
    u16(recordAt.recLen, RECORD_BYTES);
    u16(recordAt.capLen, SNAPLEN);
    view.setUint32(at + recordAt.wireLen, random.between(SNAPLEN, 1_514), true);
    view.setUint32(at + recordAt.ifindex, IFINDEX, true);
    view.setUint32(at + recordAt.sampleN, 1, true);
    view.setBigUint64(at + recordAt.matched, 1n, true);
    view.setBigUint64(at + recordAt.selected, 1n, true);
    view.setUint32(at + recordAt.saddr, (0x0a00_0000 | random.below(2 ** 12)) >>> 0);
    view.setUint32(at + recordAt.daddr, (0x0a01_0000 | random.below(2 ** 12)) >>> 0);
    u16(recordAt.sportBe, random.between(32_768, 60_999), false);
    u16(recordAt.dportBe, udp ? 53 : random.pick([22, 80, 443, 8080]), false);
    u16(recordAt.ethProtoBe, 0x0800, false);
    u16(recordAt.gsoSegs, 1);
    u16(recordAt.l3Off, 14);
    u16(recordAt.l4Off, 34);
    u8(recordAt.direction, random.pick([Direction.ingress, Direction.egress]));
    u8(recordAt.hook, 1);
    u8(recordAt.ipProto, udp ? 17 : 6);
    u8(recordAt.tcpFlags, udp ? 0 : random.pick([0x02, 0x12, 0x10, 0x18, 0x11]));
    u8(recordAt.proto, protoClasses.indexOf(udp ? "udp4" : "tcp4"));
    bytes.set(random.bytes(SNAPLEN), at + RECORD_HEADER_BYTES);
  }
  return bytes;
}

export type Sender = {
  /** Batches that the hub has committed. */
  readonly sent: () => number;
  /** Rejects with what went wrong meanwhile. */
  readonly stop: () => Promise<void>;
};

/** Sends records of one host at this pace, and its counters each second, until stopped. */
export function sendRecords(agent: PlayedAgent, recordsPerSecond: number): Sender {
  const templates = Array.from({ length: 4 }, (_, i) => template(agent, i + 1));
  const everyMs = (RECORDS * 1000) / recordsPerSecond;
  const began = performance.now();
  const bootNs = (): bigint => agent.bootNs + BigInt(Math.round((performance.now() - agent.helloAt) * 1e6));
  const sending = new Set<Promise<void>>();
  let failure: Error | null = null;
  let [batches, seconds, committed] = [0, 0, 0];
  const send = (bytes: Uint8Array): void => {
    const one = agent
      .send(bytes)
      .then(() => void committed++)
      .catch((error: unknown) => void (failure ??= error instanceof Error ? error : new Error(String(error))))
      .finally(() => void sending.delete(one));
    sending.add(one);
  };
  const tick = (): void => {
    const elapsed = performance.now() - began;
    for (; batches * everyMs < elapsed && sending.size < 12; batches++) {
      const bytes = templates[batches % templates.length]!.slice();
      const view = viewOf(bytes);
      const now = bootNs();
      const step = BigInt(Math.round((everyMs * 1e6) / RECORDS));
      for (let i = 0; i < RECORDS; i++)
        view.setBigUint64(BATCH_HEADER_BYTES + i * RECORD_BYTES + recordAt.tsNs, now - BigInt(RECORDS - i) * step, true);
      view.setBigUint64(headerAt.firstNs, now - BigInt(RECORDS) * step, true);
      view.setBigUint64(headerAt.lastNs, now, true);
      const { hostId, bootId, stream } = agent;
      stampBatch(view, {
        hostId,
        bootId,
        stream,
        sequence: BigInt(batches + 1),
        sampleN: 1,
        snaplen: SNAPLEN,
        ringLost: 0n,
        queueLost: 0n,
      });
      send(bytes);
    }
    for (; seconds * 1000 < elapsed; seconds++) {
      const row = { ifindex: IFINDEX, frames: recordsPerSecond / 2, packets: recordsPerSecond / 2, bytes: recordsPerSecond * 400 };
      const { hostId, bootId, stream } = agent;
      const rows = ([1, 2] as const).map((direction) => ({ ...row, direction }));
      send(counterBatch({ hostId, bootId, stream, sequence: BigInt(seconds + 1) }, rows, bootNs()));
    }
  };
  const timer = setInterval(tick, 5);
  return {
    sent: () => committed,
    stop: async () => {
      clearInterval(timer);
      await Promise.all(sending);
      if (failure) throw failure;
    },
  };
}
