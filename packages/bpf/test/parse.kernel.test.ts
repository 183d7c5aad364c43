import { describe, expect, test } from "vitest";
import { Hook, parseErrors, protoClasses, type ParseError, type ProtoClass } from "../../protocol/src/layout.ts";
import { cases } from "./support/cases.ts";
import type { Rec } from "./support/decode.ts";
import { kernelMissing } from "./support/netns.ts";
import { Session } from "./support/session.ts";

const missing = kernelMissing();
const view = (rec: Rec): { error: ParseError | undefined; proto: ProtoClass | undefined } => ({
  error: parseErrors[rec.parseErr],
  proto: protoClasses[rec.proto],
});

describe.skipIf(missing)(`parse, every case through every hook${missing ? ` (${missing})` : ""}`, () => {
  test.each([
    ["TCX egress", "out", "tcx", Hook.tcx],
    ["TCX ingress", "in", "tcx", Hook.tcx],
    ["native XDP ingress", "in", "xdp-native", Hook.xdpNative],
  ] as const)("%s", async (_name, direction, mode, hook) => {
    await using session = new Session({ snaplen: 4096 }, mode);
    // The stack drops a frame that ends inside its outer tag before TC ingress sees it.
    const seen = cases.filter((c) => !(c.error === "short_vlan" && direction === "in" && mode === "tcx"));
    const frames = seen.map((c) => c.frame);
    if (direction === "in") session.wire.sendIn(frames);
    else session.wire.sendOut(frames);
    const row = await session.settle(direction, frames.length);
    expect(row.hook).toBe(hook);
    expect(session.records).toHaveLength(seen.length);
    seen.forEach((c, i) => {
      const rec = session.records[i] as Rec;
      const meta = (rec.flags & 0x04) !== 0;
      expect({ name: c.name, ...view(rec), wireLen: rec.wireLen }).toEqual({
        name: c.name,
        error: c.error ?? "ok",
        proto: c.proto,
        wireLen: c.frame.length,
      });
      expect({ name: c.name, capLen: rec.capLen }).toEqual({ name: c.name, capLen: c.frame.length - (meta ? 4 : 0) });
      if (!meta) expect({ name: c.name, bytes: rec.bytes }).toEqual({ name: c.name, bytes: c.frame });
      for (const [field, value] of Object.entries(c.fields ?? {})) {
        // Ingress TC keeps the outer tag beside the frame: offsets are of the captured bytes.
        const shift = meta && (field === "l3Off" || field === "l4Off") ? 4 : 0;
        const expected = typeof value === "number" ? value - shift : value;
        const got = field === "flags" ? rec.flags & ~0x04 : rec[field as keyof Rec];
        expect({ name: c.name, [field]: got }).toEqual({ name: c.name, [field]: expected });
      }
    });
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
