import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchKind } from "@sonde/protocol";
import { afterEach, describe, expect, test, vi } from "vitest";
import { ether, ipv4, udp } from "../../../packages/bpf/test/support/frames.ts";
import { Wire } from "../../../packages/bpf/test/support/netns.ts";
import { gated, needs } from "../../../test/support/needs.ts";
import { prepareStateDir, writeCredential } from "../src/control/credential.ts";
import { scanSegment, slotFacts } from "../src/spool/segment.ts";
import { bin } from "./built.ts";
import { type TestHub, startHub } from "./hub.ts";
import { Streams } from "./streams.ts";

/* The hub goes away, the agent is killed and started again: everything that was on disk reaches the hub, once. */

const gate = gated(needs.root, needs.btf, needs.tcx, needs.tcpreplay);
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 30_000, interval: 20 });
const frames = Array.from({ length: 1000 }, (_, i) =>
  ether(0x0800, ipv4({ proto: 17, payload: udp({ sport: i + 1, payload: Buffer.alloc(64) }) })),
);

let agent: ChildProcess | undefined;

function run(state: string, wire: Wire): { readonly child: ChildProcess; readonly exited: Promise<unknown>; log(): string } {
  const args = ["run", "--state", state, "--interface", wire.local, "--sample", "1", "--spool-size", "64M"];
  const child = spawn(process.execPath, [bin, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  agent = child;
  let log = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (log += text));
  return { child, exited: new Promise((resolve) => child.on("exit", resolve)), log: () => log };
}

/** Records in segments. */
function recordsOnDisk(state: string): number {
  const folder = join(state, "spool");
  return (readdirSync(folder, { recursive: true }) as string[])
    .filter((name) => /\/records-\d{8}s?$/.test(name))
    .flatMap((name) => scanSegment(readFileSync(join(folder, name)), BatchKind.records).sound)
    .reduce((sum, { slot }) => sum + slotFacts(slot).records, 0);
}

describe.skipIf(gate.skip)(gate.name("an agent whose hub is away"), () => {
  afterEach(() => {
    agent?.kill("SIGKILL");
  });

  test("keeps what it has over its own death, and delivers it", { timeout: 120_000 }, async () => {
    const state = mkdtempSync(join(tmpdir(), "sonde-spool-"));
    const streams = new Streams();
    let hub: TestHub | undefined = await startHub({ onAgent: streams.accept });
    const port = Number(hub.url.port);
    using wire = new Wire();
    try {
      prepareStateDir(state);
      const credential = { hostId: randomUUID(), name: "test", credential: "sonde_agent_0123456789abcdef" };
      writeCredential(state, { version: 1, hub: hub.url.origin, pin: null, enrolledAt: new Date().toISOString(), ...credential });
      const send = (times: number): Promise<void> => wire.sendInLater(frames, "-K", "--pps=10000", `--loop=${times}`);

      const first = run(state, wire);
      await until(() => expect(first.log()).toContain('"event":"ready"'));
      await send(2);
      await until(() => expect(streams.records).toBe(2000));
      await hub.close();
      hub = undefined;
      await until(() => expect(first.log()).toContain('"event":"disconnected"'));
      await send(5);
      await until(() => expect(recordsOnDisk(state)).toBe(5000));
      expect(statSync(join(state, "spool")).mode & 0o777).toBe(0o700);
      first.child.kill("SIGKILL");
      await first.exited;

      const second = run(state, wire);
      await until(() => expect(second.log()).toContain('"event":"spool-found"'));
      await until(() => expect(second.log()).toContain('"event":"disconnected"'));
      await send(3);
      await until(() => expect(recordsOnDisk(state)).toBe(8000));
      second.child.kill("SIGTERM");
      expect(await second.exited).toBe(0);

      hub = await startHub({ onAgent: streams.accept, port });
      const third = run(state, wire);
      await until(() => expect(streams.records).toBe(10_000));
      await send(1);
      await until(() => expect(streams.records).toBe(11_000));
      await until(() => expect(readdirSync(join(state, "spool"))).toEqual(["lock"]));
      third.child.kill("SIGTERM");
      expect(await third.exited).toBe(0);
      expect([...streams.byStream.values()].map(({ records }) => records).toSorted((a, b) => a - b)).toEqual([1000, 3000, 7000]);
      expect([...streams.byStream.values()].every(({ lost }) => lost === 0n)).toBe(true);
      expect(streams.resumed).toBe(2);
      process.stdout.write(`${streams.records} records of ${streams.byStream.size} runs arrived once\n`);
    } finally {
      await hub?.close();
      rmSync(state, { recursive: true });
    }
  });
});
