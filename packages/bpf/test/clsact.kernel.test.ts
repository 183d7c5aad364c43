import { describe, expect, test } from "vitest";
import { openEngine } from "../src/index.ts";
import { decodeCounters } from "./support/decode.ts";
import { ether, ipv4, udp } from "./support/frames.ts";
import { Wire, kernelMissing, run, until } from "./support/netns.ts";
import { startChild } from "./support/start-child.ts";

const missing = kernelMissing();
const frame = ether(0x0800, ipv4({ proto: 17, payload: udp() }));

type Filter = { readonly priority: number; readonly handle: string; readonly program: string; readonly id: number };

/** The BPF filters of one direction, as tc tells them. */
function filters(device: string, direction: "ingress" | "egress"): Filter[] {
  const rows = JSON.parse(run("tc", "-j", "filter", "show", "dev", device, direction) || "[]") as {
    pref: number;
    options?: { handle: string; bpf_name?: string; prog?: { name: string; id: number } };
  }[];
  return rows.flatMap(({ pref, options }) =>
    options?.prog === undefined ? [] : [{ priority: pref, handle: options.handle, program: options.prog.name, id: options.prog.id }],
  );
}

const qdiscs = (device: string): string[] =>
  (JSON.parse(run("tc", "-j", "qdisc", "show", "dev", device)) as { kind: string }[]).map((each) => each.kind);
const names = (device: string): string[] =>
  (["ingress", "egress"] as const).flatMap((direction) => filters(device, direction).map((each) => each.program));
const foreign = (device: string): string =>
  run("tc", "filter", "add", "dev", device, "ingress", "prio", "5", "bpf", "bytecode", "1,6 0 0 0");

describe.skipIf(missing)(`clsact filters${missing ? ` (${missing})` : ""}`, () => {
  test("close() takes off the filters, and the qdisc that it made", async () => {
    using wire = new Wire();
    const engine = openEngine();
    engine.attach(wire.ifindex, "clsact");
    expect(names(wire.local)).toEqual(["sonde_tc_in", "sonde_tc_out"]);
    expect(engine.attached(wire.ifindex)).toBe(true);
    await engine.close();
    expect(names(wire.local)).toEqual([]);
    expect(qdiscs(wire.local)).not.toContain("clsact");
  });

  test.each(["exit", "throw"])("a process that ends by %s takes them off too", async (ending) => {
    using wire = new Wire();
    const running = await startChild([], String(wire.ifindex), ending, "clsact");
    await running.exited;
    expect(qdiscs(wire.local)).not.toContain("clsact");
  });

  test("what a killed process left is replaced in place, and taken off at last", async () => {
    using wire = new Wire();
    const running = await startChild([], String(wire.ifindex), "stay", "clsact");
    running.process.kill("SIGKILL");
    await running.exited;
    const left = filters(wire.local, "ingress");
    expect(left.map((each) => each.program)).toEqual(["sonde_tc_in"]);

    const engine = openEngine();
    engine.attach(wire.ifindex, "clsact");
    const [now, ...more] = filters(wire.local, "ingress");
    expect(more).toEqual([]);
    expect(now).toEqual({ ...left[0], id: now?.id });
    expect(now?.id).not.toBe(left[0]?.id);
    expect(filters(wire.local, "egress")).toHaveLength(1);
    wire.sendIn([frame, frame]);
    const counted = (): number[] => decodeCounters(engine.readCounters()).map((row) => row.total.frames);
    await until("two frames", () => counted()[0] === 2);
    expect(counted()).toEqual([2, 0]);
    await engine.close();
    expect(qdiscs(wire.local)).not.toContain("clsact");
  });

  test("a qdisc that others made, or have a filter in, stays", async () => {
    using theirs = new Wire();
    using shared = new Wire();
    run("tc", "qdisc", "add", "dev", theirs.local, "clsact");
    const engine = openEngine();
    for (const wire of [theirs, shared]) engine.attach(wire.ifindex, "clsact");
    foreign(shared.local);
    await engine.close();
    for (const wire of [theirs, shared]) expect([...qdiscs(wire.local), ...names(wire.local)]).toContain("clsact");
    expect(run("tc", "filter", "show", "dev", shared.local, "ingress")).toContain("pref 5");
    expect(names(shared.local)).toEqual([]);
  });

  test("an ingress qdisc in its place is left alone", async () => {
    using wire = new Wire();
    run("tc", "qdisc", "add", "dev", wire.local, "ingress");
    const engine = openEngine();
    expect(() => engine.attach(wire.ifindex, "clsact")).toThrow(expect.objectContaining({ code: "BUSY" }));
    await engine.close();
    expect(qdiscs(wire.local)).toContain("ingress");
  });

  test("a second engine takes the place over; the first one knows, and leaves it alone", async () => {
    using wire = new Wire();
    const [first, second] = [openEngine(), openEngine()];
    first.attach(wire.ifindex, "clsact");
    second.attach(wire.ifindex, "clsact");
    expect([first, second].map((engine) => engine.attached(wire.ifindex))).toEqual([false, true]);
    await first.close();
    expect(names(wire.local)).toEqual(["sonde_tc_in", "sonde_tc_out"]);
    run("tc", "qdisc", "del", "dev", wire.local, "clsact");
    expect(second.attached(wire.ifindex)).toBe(false);
    await second.close();
  });
});
