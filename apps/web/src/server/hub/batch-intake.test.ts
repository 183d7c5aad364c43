import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { viewOf } from "@sonde/protocol";
import { flowBatch, recordBatch } from "../../../test/batches.ts";
import { BatchIntake } from "./batch-intake.ts";

const host = { hostId: randomUUID(), bootId: randomUUID(), stream: 5n };
const intake = (): BatchIntake =>
  new BatchIntake(
    {
      ...host,
      hostNumber: 1,
      announced: () => ({ interfaces: new Map([[2, 7]]), uplinks: new Set() }),
      times: { atUs: () => 0, bootToWallNs: () => 0n },
      keepsPackets: () => false,
    },
    { records: 0n, counters: 0n, flows: 0n, filterCounters: 0n },
  );
const records = (sequence: number): DataView => viewOf(recordBatch({ ...host, sequence: BigInt(sequence) }, 3));
const flows = (sequence: number): DataView =>
  viewOf(flowBatch({ ...host, sequence: BigInt(sequence) }, [{ ifindex: 2, direction: 1, frames: 1 }]));

test("SPEC 4.1: BUSY uses up no number, and what was on its way behind it is held back too", () => {
  const one = intake();
  expect(one.take(records(1), true)).toMatchObject({ kind: "accept" });
  expect(one.take(records(2), false)).toEqual({ kind: "refuse", code: "BUSY" });
  expect(one.take(records(3), true)).toEqual({ kind: "refuse", code: "BUSY" });
  expect(one.take(flows(1), true)).toMatchObject({ kind: "accept" });
  expect(one.take(records(4), true)).toEqual({ kind: "refuse", code: "BUSY" });
  expect(one.take(records(1), false)).toEqual({ kind: "known" });
  for (const sequence of [2, 3, 4]) expect(one.take(records(sequence), true)).toMatchObject({ kind: "accept" });
  expect(one.take(records(6), true)).toEqual({ kind: "refuse", code: "BATCH_SEQUENCE" });
});
