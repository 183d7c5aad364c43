import { BpfError } from "@sonde/bpf";
import { describe, expect, it } from "vitest";
import type { Device } from "./addresses.ts";
import { Interfaces } from "./interfaces.ts";
import type { Selection } from "./plan.ts";

const all: Selection = { interfaces: [], xdp: [], xdpGeneric: [], hooks: ["tcx"] };
const device = (ifindex: number, change: Partial<Device> = {}): Device => ({
  ifindex,
  name: `eth${ifindex}`,
  kind: "ethernet",
  mac: null,
  mtu: 1500,
  up: true,
  addresses: [],
  ...change,
});

/** Remembers what is attached; `refuses` makes it refuse. */
class FakeEngine {
  readonly held = new Map<number, string>();
  refuses = false;
  attach(ifindex: number, mode: string): void {
    if (this.refuses) throw new BpfError("UNSUPPORTED", "cannot");
    this.held.set(ifindex, mode);
  }
  attached(ifindex: number): boolean {
    return this.held.has(ifindex);
  }
  detach(ifindex: number): void {
    this.held.delete(ifindex);
  }
}

function setUp(selection: Partial<Selection> = {}) {
  const engine = new FakeEngine();
  const interfaces = new Interfaces(engine, { ...all, ...selection });
  const step = (present: readonly Device[], retry = false) => {
    const lost = interfaces.update(present).map(({ name, reason }) => `${name}: ${reason ?? ""}`);
    return { lost, fresh: interfaces.attach(retry).map(({ name }) => name) };
  };
  return { engine, interfaces, step };
}

describe("Interfaces", () => {
  it("follows what comes and goes", () => {
    const { engine, interfaces, step } = setUp();
    expect(step([device(1)])).toEqual({ lost: [], fresh: ["eth1"] });
    expect(step([device(1), device(2)])).toEqual({ lost: [], fresh: ["eth2"] });
    expect(step([device(2)])).toEqual({ lost: ["eth1: the interface is gone"], fresh: [] });
    expect([...engine.held.keys()]).toEqual([2]);
    interfaces.detachAll();
    expect(engine.held.size).toBe(0);
  });

  it("keeps what is down or has a new name, and waits for what was never up", () => {
    const { interfaces, step } = setUp();
    expect(step([device(1, { up: false })])).toEqual({ lost: [], fresh: [] });
    expect(interfaces.list()[0]).toMatchObject({ hook: "none", reason: "the interface is down" });
    expect(step([device(1)]).fresh).toEqual(["eth1"]);
    expect(step([device(1, { up: false, name: "lan" })])).toEqual({ lost: [], fresh: [] });
    expect(interfaces.list()).toEqual([expect.objectContaining({ name: "lan", up: false, hook: "tcx" })]);
  });

  it("attaches anew what lost its programs", () => {
    const { engine, step } = setUp();
    step([device(1)]);
    engine.held.clear();
    expect(step([device(1)])).toEqual({
      lost: ["eth1: its programs were taken off, by a move or by another process"],
      fresh: ["eth1"],
    });
  });

  it("tells the addresses, which attach nothing anew", () => {
    const { engine, interfaces, step } = setUp();
    engine.refuses = true;
    step([device(1)]);
    engine.refuses = false;
    expect(step([device(1, { addresses: ["192.0.2.1"] })]).fresh).toEqual([]);
    expect(interfaces.list()[0]).toMatchObject({ addresses: ["192.0.2.1"], hook: "none" });
  });

  it("goes by names", () => {
    const { engine, step } = setUp({ interfaces: ["eth1"], xdp: ["fast"] });
    expect(step([device(1), device(2)]).fresh).toEqual(["eth1"]);
    expect(step([device(1, { name: "old" }), device(2, { name: "eth1" })])).toEqual({
      lost: ["eth1: not chosen under its new name"],
      fresh: ["eth1"],
    });
    step([device(1, { name: "old" }), device(2, { name: "fast" })]);
    expect([...engine.held]).toEqual([[2, "xdp-native"]]);
  });

  it("tries again what refused when it changes, or when told to", () => {
    const { engine, interfaces, step } = setUp();
    engine.refuses = true;
    step([device(1)]);
    expect(interfaces.list()[0]).toMatchObject({ hook: "none", reason: "cannot" });
    engine.refuses = false;
    expect(step([device(1)]).fresh).toEqual([]);
    expect(step([device(1, { mtu: 1400 })]).fresh).toEqual(["eth1"]);
    engine.refuses = true;
    step([device(2)]);
    engine.refuses = false;
    expect(step([device(2)], true).fresh).toEqual(["eth2"]);
  });
});
