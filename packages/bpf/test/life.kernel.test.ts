import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { BpfError, clockBoottimeNs, listInterfaces, openEngine, probeKernel, type Engine } from "../src/index.ts";
import { decodeCounters } from "./support/decode.ts";
import { ether, ipv4, udp } from "./support/frames.ts";
import { Wire, attachments, kernelMissing, run, until } from "./support/netns.ts";
import { Session } from "./support/session.ts";
import { startChild } from "./support/start-child.ts";

const missing = kernelMissing();
const script = (name: string): string => fileURLToPath(new URL(`./support/${name}`, import.meta.url));
const frame = ether(0x0800, ipv4({ proto: 17, payload: udp() }));

const code = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof BpfError) return error.code;
    throw error;
  }
  return "nothing thrown";
};

describe.skipIf(missing)(`life and death of an engine${missing ? ` (${missing})` : ""}`, () => {
  test("close() detaches, and twice is harmless", async () => {
    using wire = new Wire();
    const engine = openEngine();
    engine.attach(wire.ifindex, "tcx");
    expect(wire.attachments()).toEqual(["sonde_tc_in", "sonde_tc_out"]);
    engine.start(() => undefined);
    await Promise.all([engine.close(), engine.close(), engine.stop()]);
    await engine.close();
    expect(wire.attachments()).toEqual([]);
    for (const call of [() => engine.attach(1, "tcx"), () => engine.readCounters(), () => engine.start(() => undefined)]) {
      expect(code(call)).toBe("CLOSED");
    }
  });

  test.each([
    ["kill", "tcx"],
    ["kill", "xdp-native"],
    ["exit", "tcx"],
    ["throw", "xdp-native"],
  ])("a process that ends by %s leaves nothing attached (%s)", async (ending, mode) => {
    using wire = new Wire();
    const running = await startChild([], String(wire.ifindex), ending, mode);
    if (ending === "kill") {
      expect(wire.attachments()).toEqual([mode === "tcx" ? "sonde_tc_in" : "sonde_xdp_in", "sonde_tc_out"]);
      running.process.kill("SIGKILL");
    }
    await running.exited;
    await until("detached", () => wire.attachments().length === 0);
  });

  test("watches another network namespace when started in it", async () => {
    using wire = new Wire();
    const names = JSON.parse(run(...wire.enter, "ip", "-j", "link", "show", "dev", wire.peer));
    const running = await startChild(wire.enter, String(names[0].ifindex), "stay");
    try {
      wire.sendOut([frame, frame, frame]);
      await until("three records", () => running.output().includes("records 3"));
    } finally {
      running.process.kill("SIGKILL");
      await running.exited;
    }
  });

  test.each([true, false])("works in worker threads, two at once; closed: %s", async (close) => {
    using wire = new Wire();
    const workers = [1, 2].map(() => new Worker(script("worker.mjs"), { workerData: { ifindex: wire.ifindex, close } }));
    const said = workers.map((worker) => {
      const messages: unknown[] = [];
      worker.on("message", (message) => messages.push(message));
      return messages;
    });
    await until("attached", () => said.every((messages) => messages.includes("attached")));
    wire.sendIn(Array.from({ length: 50 }, () => frame));
    await until("all records", () => said.every((messages) => messages.includes(50)));
    const exits = workers.map((worker) => once(worker, "exit"));
    for (const worker of workers) worker.postMessage("end");
    await Promise.all(exits);
    await until("detached", () => wire.attachments().length === 0);
  });

  test("a listener that keeps nothing back gets no more than maxPending batches ahead, and no record is lost for it", async () => {
    using wire = new Wire();
    const engine = openEngine({ ringBytes: 1 << 20, snaplen: 64 });
    engine.attach(wire.ifindex, "tcx");
    let records = 0;
    engine.start((_batch, count) => (records += count), { batchBytes: 4352, flushMs: 0, maxPending: 1 });
    wire.sendIn(Array.from({ length: 4000 }, () => frame)); // synchronous: the listener cannot run meanwhile
    await engine.stop();
    const row = decodeCounters(engine.readCounters()).find((r) => r.direction === 1);
    expect(records).toBe(row?.delivered);
    expect((row?.delivered ?? 0) + (row?.ringLost ?? 0)).toBe(4000);
    await engine.close();
  });

  test("a lone packet arrives within 20 ms", async () => {
    await using session = new Session();
    const delays: number[] = [];
    await session.engine.stop();
    session.engine.start((batch) => {
      session.keep(batch);
      delays.push(Number(clockBoottimeNs()) - (session.records.at(-1)?.tsNs ?? 0));
    });
    for (let i = 1; i <= 9; i++) {
      const sent = session.wire.sendInLater([frame]);
      await until("the record", () => session.records.length === i);
      await sent;
    }
    delays.sort((a, b) => a - b);
    expect((delays[4] ?? Infinity) / 1e6).toBeLessThan(20);
  });
});

describe.skipIf(missing)(`misuse and refusals${missing ? ` (${missing})` : ""}`, () => {
  const withEngine = async (body: (engine: Engine) => void | Promise<void>): Promise<void> => {
    const engine = openEngine();
    try {
      await body(engine);
    } finally {
      await engine.close();
    }
  };

  test("an unknown interface", () =>
    withEngine((engine) => {
      expect(code(() => engine.attach(0x7ffffff0, "tcx"))).toBe("NO_INTERFACE");
      expect(decodeCounters(engine.readCounters())).toEqual([]);
    }));
  test("attaching twice, and again after detaching", () =>
    withEngine((engine) => {
      using wire = new Wire();
      engine.attach(wire.ifindex, "tcx");
      expect(code(() => engine.attach(wire.ifindex, "xdp-native"))).toBe("BUSY");
      engine.detach(wire.ifindex);
      engine.detach(wire.ifindex);
      expect(wire.attachments()).toEqual([]);
      engine.attach(wire.ifindex, "xdp-native");
      expect(wire.attachments()).toEqual(["sonde_xdp_in", "sonde_tc_out"]);
    }));
  test("an interface that vanishes takes nothing with it", () =>
    withEngine(async (engine) => {
      const wire = new Wire();
      engine.attach(wire.ifindex, "tcx");
      wire.sendOut([frame]);
      wire[Symbol.dispose]();
      expect(decodeCounters(engine.readCounters()).map((row) => row.total.frames)).toEqual([0, 1]);
      engine.detach(wire.ifindex);
      using next = new Wire();
      engine.attach(next.ifindex, "tcx");
      expect(decodeCounters(engine.readCounters()).map((row) => row.ifindex)).toEqual([next.ifindex, next.ifindex]);
    }));
  test("native XDP where the driver has none", () =>
    withEngine((engine) => {
      expect(code(() => engine.attach(1, "xdp-native"))).toBe("UNSUPPORTED");
      expect(decodeCounters(engine.readCounters())).toEqual([]);
    }));
  test("another XDP program holds the device", () =>
    withEngine(async (engine) => {
      using wire = new Wire();
      engine.attach(wire.ifindex, "xdp-native");
      await withEngine((second) => {
        expect(code(() => second.attach(wire.ifindex, "xdp-native"))).toBe("BUSY");
      });
    }));
  test("arguments out of range", () =>
    withEngine((engine) => {
      expect(code(() => openEngine({ ringBytes: 5000 }))).toBe("INVALID");
      expect(code(() => openEngine({ snaplen: 4097 }))).toBe("INVALID");
      expect(code(() => engine.setSampling({ sampleN: 0, snaplen: 0 }))).toBe("INVALID");
      expect(code(() => engine.start(() => undefined, { batchBytes: 100 }))).toBe("INVALID");
      engine.start(() => undefined);
      expect(code(() => engine.start(() => undefined))).toBe("BUSY");
      expect(code(() => openEngine({ objectDir: "/nowhere" }))).toBe("LOAD");
    }));
  test("facts of this kernel, by trying", () => {
    const works = { ok: true, errno: 0 };
    const hooks = { tcx: works, clsact: works, xdp: works, xdpNative: works, xdpGeneric: works, socket: works };
    expect(probeKernel()).toMatchObject({ btf: true, ringbuf: works, ...hooks });
    expect(attachments("lo")).not.toContain("sonde_probe");
    expect(listInterfaces().filter((each) => /^sonde\d/.test(each.name))).toEqual([]);
    expect(listInterfaces()).toContainEqual({ ifindex: 1, name: "lo", kind: "loopback", mac: null, mtu: 65536, up: true });
  });
});
