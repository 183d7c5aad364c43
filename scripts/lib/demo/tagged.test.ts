import { expect, test } from "vitest";
import { captureOf, taggedFrame } from "./tagged.mjs";

const message = {
  macs: ["02:00:00:00:00:02", "02:00:00:00:00:01"],
  addresses: ["172.29.20.11", "172.29.20.21"],
  text: "stored",
} as const;

test("a frame with one tag, byte by byte", () => {
  expect(taggedFrame({ ...message, vlans: [20] }).toString("hex")).toBe(
    [
      "020000000002 020000000001 8100 0014 0800",
      "4500 0027 0000 4000 4011 ba6b ac1d140b ac1d1415",
      `0202 0202 0013 0000 ${Buffer.from("<134>stored").toString("hex")}`,
    ]
      .join("")
      .replaceAll(" ", ""),
  );
});

test("of two tags the outer is a service tag", () => {
  const frame = taggedFrame({ ...message, vlans: [100, 20] });
  expect(frame.subarray(12, 22).toString("hex")).toBe("88a80064810000140800");
});

test("the capture holds each frame whole", () => {
  const frames = [taggedFrame({ ...message, vlans: [20] }), taggedFrame({ ...message, vlans: [100, 20] })];
  const capture = captureOf(frames);
  expect(capture.subarray(0, 24).toString("hex")).toBe("d4c3b2a1020004000000000000000000ffff000001000000");
  expect(capture.length).toBe(24 + 2 * 16 + frames[0]!.length + frames[1]!.length);
  expect(capture.subarray(24 + 16, 24 + 16 + frames[0]!.length)).toEqual(frames[0]);
});
