import { expect, test } from "vitest";
import type { Capture, CaptureHost } from "../../api/captures.ts";
import { packetFields } from "../../domain/packets/fields.ts";
import { parseWith } from "../../domain/query/index.ts";
import { captureHostTarget, captureTarget } from "./captureTarget.ts";

const capture: Capture = {
  id: "6f1c1e54-6d2b-4f43-9a53-3d2f0d5f8a11",
  name: "Monday",
  expression: "udp port 53",
  snaplen: 128,
  reason: null,
  seconds: 60,
  maxPackets: "100",
  maxBytes: "1000",
  createdBy: "admin@example.net",
  createdAt: "2026-01-01T00:00:00.000Z",
  endedAt: "2026-01-01T00:01:00.000Z",
  endReason: "time",
  packets: "12345",
  bytes: "9",
  lost: "0",
  states: { ended: 2, refused: 1 },
};
const host: CaptureHost = {
  hostId: capture.id,
  name: 'we"b 1',
  state: "ended",
  reason: null,
  startedAt: null,
  endedAt: null,
  bytes: "420",
  packets: "7",
  matched: "7",
  sampledOut: "0",
  lost: "0",
  snaplen: 64,
  sampleN: 1,
  clockOffsetNs: "-12",
  clockErrorNs: "3",
};

test("a capture, or what it asked for, is captured once more; what it counted is only copied", () => {
  expect(captureTarget(capture, null)).toMatchObject({ text: "Monday", capture: "udp port 53" });
  expect(captureTarget(capture, "expression")).toMatchObject({ text: "udp port 53", capture: "udp port 53" });
  expect(captureTarget({ ...capture, expression: "" }, "expression")).toMatchObject({ heading: "Expression everything", capture: "" });
  expect(captureTarget(capture, "packets")).toMatchObject({ text: "12345", term: null, capture: null });
  expect(captureTarget(capture, "hosts").text).toBe("1 refused, 2 ended");
  expect(captureTarget(capture, "state").text).toBe("Ended: its time was over");
});

test("a host of a capture is a filter of its packets, and is captured alone by the same expression", () => {
  const target = captureHostTarget(host, capture.expression, null);
  expect(parseWith(target.term ?? "tcp &&", packetFields).ok).toBe(true);
  expect(target).toMatchObject({ capture: "udp port 53", hosts: host.hostId }); // a name with space in it is no word
  expect(captureHostTarget(host, capture.expression, "clock")).toMatchObject({ text: "-12", term: null, capture: null });
});
