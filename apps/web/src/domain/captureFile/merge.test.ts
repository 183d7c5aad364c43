import fc from "fast-check";
import { BATCH_HEADER_BYTES, RecordFlag, recordAt } from "@sonde/protocol";
import { expect, test } from "vitest";
import { frame, packetBatch, type Packet } from "../../../test/capture-agents.ts";
import { PacketMerge, capturedBytes, type CaptureBatch } from "./merge.ts";

const of = { hostId: "6f0c7a52-5d3c-4ad6-9d5e-7f6f0a1b2c3d", bootId: "6f0c7a52-5d3c-4ad6-9d5e-7f6f0a1b2c3d", stream: 1n, sequence: 1n };
const batch = (packets: readonly Packet[], bootToWallNs = 0n): CaptureBatch => ({
  hostId: of.hostId,
  bootToWallNs,
  records: packetBatch(of, 1, packets).subarray(BATCH_HEADER_BYTES),
});
const timesOf = (merge: PacketMerge, before: number): number[] => {
  const times: number[] = [];
  for (let one = merge.take(before); one !== null; one = merge.take(before))
    times.push(Number(one.view.getBigUint64(one.at + recordAt.tsNs, true) + one.batch.bootToWallNs));
  return times;
};

test("packets of any batches come in the order of the hub's time, each once", () => {
  const packets = fc.array(fc.nat(1000), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.array(fc.tuple(packets, fc.nat(500))), fc.nat(1600), (batches, before) => {
      const merge = new PacketMerge(100n);
      const all: number[] = [];
      for (const [times, wall] of batches) {
        merge.add(
          batch(
            times.map((at) => ({ at: BigInt(at), bytes: frame() })),
            BigInt(wall),
          ),
        );
        all.push(...times.map((at) => at + wall));
      }
      all.sort((a, b) => a - b);
      const first = timesOf(merge, before);
      expect(first).toEqual(all.filter((time) => time - 100 < before));
      expect([...first, ...timesOf(merge, Infinity)]).toEqual(all);
      expect(merge.bytes).toBe(0);
    }),
  );
});

test("a tag kept beside the frame is put back into it; what is then too long is cut off", () => {
  const bytes = frame(1, 2, 3);
  const { records } = batch([{ at: 1n, bytes, wireLen: 60, flags: RecordFlag.vlan | RecordFlag.vlanMeta, vlanTci: 0x6064 }]);
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  const tagged = Buffer.concat([bytes.subarray(0, 12), Uint8Array.of(0x81, 0, 0x60, 0x64), bytes.subarray(12)]);
  expect(Buffer.from(capturedBytes(view, 0, 128))).toEqual(tagged);
  expect(Buffer.from(capturedBytes(view, 0, 18))).toEqual(tagged.subarray(0, 18));
  const inline = batch([{ at: 1n, bytes, flags: RecordFlag.vlan, vlanTci: 5 }]).records;
  expect(Buffer.from(capturedBytes(new DataView(inline.buffer, inline.byteOffset, inline.byteLength), 0, 128))).toEqual(Buffer.from(bytes));
});
