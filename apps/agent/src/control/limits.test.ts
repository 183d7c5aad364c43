import { chmodSync, chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { gated, needs } from "../../../../test/support/needs.ts";
import { faultOf, limitsText, openLimitFile, parseLimits, readLimits, withPayload, writeLimits } from "./limits.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sonde-limits-"));
  file = join(folder, "limits.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a file says how many bytes; no file says 128, unless it was asked for", () => {
  expect(parseLimits(limitsText({ snaplen: 1500 }), file)).toEqual({ snaplen: 1500 });
  expect(readLimits(file, false)).toEqual({ snaplen: 128 });
  expect(() => readLimits(file, true)).toThrow("cannot read the limits");
});

test.each(["", "128", "{}", '{"snaplen":-1}', '{"snaplen":4097}', '{"snaplen":"all"}', '{"snaplen":64,"rules":[]}', "{"])(
  "refuses %j",
  (text) => expect(() => parseLimits(text, "/etc/sonde/limits.json")).toThrow(/^\/etc\/sonde\/limits\.json (wants|is no JSON)/),
);

test("what others than root have, or may write, is refused", () => {
  const sound = { uid: 0, mode: 0o100644, size: 20, isFile: () => true };
  expect(faultOf(sound)).toBeNull();
  expect(faultOf({ ...sound, uid: 1000 })).toContain("user 1000");
  for (const mode of [0o100664, 0o100646, 0o100666]) expect(faultOf({ ...sound, mode })).toContain("may write");
  expect(faultOf({ ...sound, isFile: () => false })).toContain("not a file");
  expect(faultOf({ ...sound, size: 4097 })).toContain("larger");
});

test("the passport says what may leave", () => {
  const passport = { hostname: "h", kernel: "k", arch: "x64", os: "o", agentVersion: "1", cpus: 1, facts: [] };
  expect(withPayload(passport, { snaplen: 96 }).facts).toMatchObject([
    { id: "payload", ok: true, detail: expect.stringContaining("96 bytes") },
  ]);
  expect(withPayload(passport, { snaplen: 0 }).facts[0]?.detail).toMatch(/^none/);
});

const gate = gated(needs.root);
describe.skipIf(gate.skip)(gate.name("a limit file while the agent runs"), () => {
  test("is written whole, for all to read and root to write", () => {
    const inside = join(folder, "etc/sonde/limits.json");
    writeLimits(inside, { snaplen: 1500 });
    expect(readLimits(inside, true)).toEqual({ snaplen: 1500 });
    expect(statSync(inside).mode & 0o777).toBe(0o644);
    expect(() => writeLimits(join(inside, "x"), { snaplen: 1 })).toThrow("cannot write the limits");
  });

  test("is followed; what cannot be used lowers the limit and never raises it, and is told once", () => {
    const told: string[] = [];
    writeFileSync(file, limitsText({ snaplen: 1500 }), { mode: 0o644 });
    const limits = openLimitFile({ file, asked: true, onTrouble: (reason) => told.push(reason) });
    expect(limits().snaplen).toBe(1500);
    writeFileSync(file, limitsText({ snaplen: 64 }));
    expect(limits().snaplen).toBe(64);
    writeFileSync(file, limitsText({ snaplen: 4096 }));
    chmodSync(file, 0o666);
    expect([limits().snaplen, limits().snaplen, told.length]).toEqual([64, 64, 1]);
    chmodSync(file, 0o600);
    expect(limits().snaplen).toBe(4096);
    chownSync(file, 65_534, 65_534);
    expect([limits().snaplen, told.length]).toEqual([128, 2]);
  });
});
