import { describe, expect, test } from "vitest";
import { Hook, protoClasses, type ParseError } from "../../protocol/src/layout.ts";
import { cases } from "./support/cases.ts";
import { differences, reaches } from "./support/compare.ts";
import { kernelMissing } from "./support/netns.ts";
import { Session } from "./support/session.ts";

const missing = kernelMissing();

describe.skipIf(missing)(`parse, every case through every hook${missing ? ` (${missing})` : ""}`, () => {
  test.each([
    ["TCX egress", "out", "tcx", Hook.tcx],
    ["TCX ingress", "in", "tcx", Hook.tcx],
    ["clsact egress", "out", "clsact", Hook.clsact],
    ["clsact ingress", "in", "clsact", Hook.clsact],
    ["native XDP ingress", "in", "xdp-native", Hook.xdpNative],
    ["packet socket egress", "out", "socket", Hook.socket],
    ["packet socket ingress", "in", "socket", Hook.socket],
    ["generic XDP ingress", "in", "xdp-generic", Hook.xdpGeneric],
  ] as const)("%s", async (_name, direction, mode, hook) => {
    await using session = new Session({ snaplen: 4096 }, mode);
    const seen = cases.filter((c) => reaches(c, direction, mode));
    const frames = seen.map((c) => c.frame);
    if (direction === "in") session.wire.sendIn(frames);
    else session.wire.sendOut(frames);
    const row = await session.settle(direction, frames.length);
    expect(row.hook).toBe(hook);
    expect(session.records).toHaveLength(seen.length);
    expect(seen.flatMap((c, i) => differences(c, session.records[i]))).toEqual([]);
    const malformed: Partial<Record<ParseError, number>> = {};
    for (const c of seen) if (c.error) malformed[c.error] = (malformed[c.error] ?? 0) + 1;
    expect(row.malformed).toEqual(malformed);
    for (const proto of protoClasses) {
      const own = seen.filter((c) => c.proto === proto);
      const bytes = own.reduce((sum, c) => sum + c.frame.length, 0);
      expect({ proto, ...row.proto[proto] }).toEqual({ proto, frames: own.length, packets: own.length, bytes });
    }
  });
});
