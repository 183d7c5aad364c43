import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clockBoottimeNs } from "@sonde/bpf";
import type { FilterProgram, FiltersMessage } from "@sonde/protocol";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ether, ipv4, udp } from "../../../packages/bpf/test/support/frames.ts";
import { Wire, run as command } from "../../../packages/bpf/test/support/netns.ts";
import { gated, needs } from "../../../test/support/needs.ts";
import { prepareStateDir, writeCredential } from "../src/control/credential.ts";
import { limitsText } from "../src/control/limits.ts";
import { agent as runToEnd, bin } from "./built.ts";
import { CaptureSeen } from "./capture-seen.ts";
import { type TestHub, startHub } from "./hub.ts";

/* Captures of a real agent, whose hub, disk or life is taken away meanwhile. */

const gate = gated(needs.root, needs.btf, needs.tcx, needs.tcpreplay);
const SET = 5;
const everything: FilterProgram = [[0x06, 0, 0, 65_535]];
const frames = Array.from({ length: 1000 }, (_, i) =>
  ether(0x0800, ipv4({ proto: 17, payload: udp({ sport: i + 1, payload: Buffer.alloc(400) }) })),
);
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 30_000, interval: 20 });

let state: string;
let wire: Wire;
let seen: CaptureSeen;
let hub: TestHub | null;
let agent: ChildProcess | undefined;
let log = "";

/** A filter of 64 bytes for everything under bit 0, and a capture of as much as can be had under bit 1. */
function setOf(limits: { readonly seconds: number; readonly maxPackets: number; readonly maxBytes?: number }): FiltersMessage {
  const each = { id: "x", expression: "", ethernet: everything, raw: everything, sampleN: 1 };
  const untilNs = clockBoottimeNs() + BigInt(limits.seconds) * 1_000_000_000n;
  const capture = {
    id: randomUUID(),
    untilNs: `${untilNs}`,
    maxPackets: `${limits.maxPackets}`,
    maxBytes: `${limits.maxBytes ?? 1_000_000_000}`,
  };
  return {
    type: "filters",
    number: SET,
    filters: [
      { ...each, snaplen: 64 },
      { ...each, snaplen: 4096, capture },
    ],
  };
}

function run(...flags: string[]): { readonly child: ChildProcess; readonly exited: Promise<unknown> } {
  const args = ["run", "--state", state, "--interface", wire.local, "--sample", "1", ...flags];
  const child = spawn(process.execPath, [bin, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  agent = child;
  child.stdout.setEncoding("utf8").on("data", (text: string) => (log += text));
  return { child, exited: new Promise((resolve) => child.on("exit", resolve)) };
}

/** Events of that name in the agent's log. */
const logged = (event: string): Record<string, unknown>[] =>
  log
    .split("\n")
    .filter((line) => line.includes(`"event":"${event}"`))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const instructionsOf = (program: string): number => seen.engine?.programs.find(({ name }) => name === program)?.instructions ?? 0;

async function loseHub(): Promise<number> {
  const port = Number(hub?.url.port);
  await hub?.close();
  hub = null;
  await until(() => expect(logged("disconnected")).not.toEqual([]));
  return port;
}

const send = (thousands: number, pps = 20_000): Promise<void> => wire.sendInLater(frames, "-K", `--pps=${pps}`, `--loop=${thousands}`);

describe.skipIf(gate.skip)(gate.name("a capture of a real agent"), () => {
  beforeEach(async () => {
    log = "";
    seen = new CaptureSeen(SET);
    state = mkdtempSync(join(tmpdir(), "sonde-captures-"));
    wire = new Wire();
    hub = await startHub({ onAgent: seen.accept });
    prepareStateDir(state);
    const credential = { hostId: randomUUID(), name: "test", credential: "sonde_agent_0123456789abcdef" };
    writeCredential(state, { version: 1, hub: hub.url.origin, pin: null, enrolledAt: new Date().toISOString(), ...credential });
  });
  afterEach(async () => {
    agent?.kill("SIGKILL");
    await hub?.close();
    wire[Symbol.dispose]();
    rmSync(state, { recursive: true });
  });

  test(
    "ends at its packets with the hub gone; the other filter goes on, and the file of the host caps it",
    { timeout: 120_000 },
    async () => {
      const limits = join(state, "limits.json");
      writeFileSync(limits, limitsText({ snaplen: 96 }), { mode: 0o644 });
      seen.set = setOf({ seconds: 600, maxPackets: 3000 });
      const { child, exited } = run("--spool-size", "64M", "--limits", limits);
      await until(() => expect(seen.answer).toMatchObject({ ok: true }));
      await send(1);
      await until(() => expect(seen.captured).toBe(1000));
      await until(() => expect(instructionsOf("sonde_match_tc_ethernet")).toBeGreaterThan(0));
      const full = instructionsOf("sonde_match_tc_ethernet");
      expect(seen.engine?.programs.find(({ name }) => name === "sonde_tc_in")?.attached).toEqual([`${wire.local} ingress`]);
      const port = await loseHub();
      await send(5);
      await until(() =>
        expect(logged("capture").at(-1)).toMatchObject({ ended: "packets", packets: "3000", bytes: `${3000 * 96}`, snaplen: 96 }),
      );
      hub = await startHub({ onAgent: seen.accept, port });
      await until(() => expect(seen.records + Number(seen.status?.queueLost ?? 0)).toBe(6000));
      await until(() => expect(seen.status?.captures).toMatchObject([{ ended: "packets", packets: "3000", snaplen: 96 }]));
      expect(instructionsOf("sonde_match_tc_ethernet")).not.toBe(full);
      expect([seen.captured, seen.longest, seen.lost]).toEqual([3000, 96, 0]);
      await until(() => expect(seen.matched.get(0)).toBe(6000)); // counters come from disk by and by
      const matched = seen.matched.get(1) ?? 0;
      await send(2);
      await until(() => expect(seen.matched.get(0)).toBe(8000));
      await until(() => expect(seen.records).toBe(8000));
      expect([seen.captured, seen.longestSince(6000)]).toEqual([3000, 64]);
      // What the kernel still matched between the last packet and the program that matches nothing.
      expect(matched).toBeGreaterThanOrEqual(3000);
      expect(seen.matched.get(1)).toBe(matched);

      writeFileSync(limits, limitsText({ snaplen: 32 }));
      await until(() => expect(seen.status).toMatchObject({ snaplen: 32, captures: [{ snaplen: 32 }] }));
      child.kill("SIGTERM");
      expect(await exited).toBe(0);
      expect(logged("stopped")).toMatchObject([{ flushed: true }]);
      process.stdout.write(`3000 of 8000 packets captured; ${matched - 3000} matched beyond the limit\n`);
    },
  );

  test("says that --snaplen is more than the host allows, and refuses a file that others may write", { timeout: 60_000 }, async () => {
    const { child, exited } = run("--snaplen", "1500");
    await until(() => expect(seen.engine).not.toBeNull());
    expect(logged("limits")).toMatchObject([{ asked: 1500, snaplen: 128 }]);
    await send(1);
    await until(() => expect(seen.records).toBe(1000));
    expect(seen.longest).toBe(128);
    expect(seen.hello?.passport.facts).toContainEqual({
      id: "payload",
      label: "Payload",
      ok: true,
      detail: "at most 128 bytes of a packet leave this host",
    });
    child.kill("SIGTERM");
    await exited;
    const limits = join(state, "limits.json");
    writeFileSync(limits, limitsText({ snaplen: 4096 }));
    chmodSync(limits, 0o666);
    expect(runToEnd(["run", "--state", state, "--limits", limits])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("others than root may write it"),
    });
  });

  test("an agent that is killed leaves no program and no pin", { timeout: 60_000 }, async () => {
    const pins = (): string[] => (existsSync("/sys/fs/bpf") ? readdirSync("/sys/fs/bpf") : []);
    const before = pins();
    seen.set = setOf({ seconds: 600, maxPackets: 1_000_000 });
    const { child, exited } = run();
    await until(() => expect(seen.answer).toMatchObject({ ok: true }));
    await send(1);
    await until(() => expect(seen.captured).toBe(1000));
    expect(wire.attachments()).not.toEqual([]);
    child.kill("SIGKILL");
    await exited;
    await until(() => expect(wire.attachments()).toEqual([]));
    expect(pins()).toEqual(before);
  });

  test(
    "a full disk and no hub: the agent goes on, what is lost is counted, and the capture ends in time",
    { timeout: 120_000 },
    async () => {
      const disk = join(state, "spool");
      mkdirSync(disk, { mode: 0o700 });
      command("mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", disk);
      try {
        seen.set = setOf({ seconds: 15, maxPackets: 10_000_000 });
        const { child, exited } = run("--spool-size", "64M");
        await until(() => expect(seen.answer).toMatchObject({ ok: true }));
        const port = await loseHub();
        await send(250, 60_000);
        await until(() => expect(logged("loss")).not.toEqual([]));
        await until(() => expect(logged("capture").at(-1)).toMatchObject({ ended: "time" }));
        expect(clockBoottimeNs()).toBeGreaterThanOrEqual(BigInt(seen.set.filters[1]?.capture?.untilNs ?? 0));
        await send(1);
        hub = await startHub({ onAgent: seen.accept, port });
        await until(() => expect(seen.status?.captures).toMatchObject([{ ended: "time" }]));
        child.kill("SIGTERM");
        expect(await exited).toBe(0);
        expect(seen.lost).toBeGreaterThan(0);
        expect(seen.records + seen.lost).toBe(seen.delivered);
        const { packets = "0" } = seen.status?.captures?.[0] ?? {};
        expect(seen.captured).toBeLessThanOrEqual(Number(packets));
        process.stdout.write(`${packets} taken, ${seen.captured} arrived, ${seen.lost} of ${seen.delivered} records lost\n`);
      } finally {
        agent?.kill("SIGKILL");
        command("umount", "-l", disk);
      }
    },
  );
});
