import { BpfError, type Engine, type NetInterface } from "@sonde/bpf";
import type { AgentInterface } from "@sonde/protocol";
import { CounterDiff, ingressHooks } from "./counter-diff.ts";
import { toEndpoint } from "./endpoints.ts";
import { type Selection, wantedMode } from "./plan.ts";
import type { Sampling, Sink, Source, TextEndpoint } from "./source.ts";

/** abi.h SONDE_MAX_OWN_ENDPOINTS */
const MAX_OWN_ENDPOINTS = 256;
const COUNTER_PERIOD_MS = 1000;
const RELIST_PERIOD_MS = 2000;
/** An interface that refused is tried again after so many listings. */
const RETRY_LISTINGS = 15;

export type BpfSourceOptions = {
  readonly engine: Engine;
  readonly listInterfaces: () => readonly NetInterface[];
  readonly clockBoottimeNs: () => bigint;
  readonly selection: Selection;
};

type Attached = { readonly hook: AgentInterface["hook"]; readonly reason?: string };
type Slot = { device: NetInterface; attached: Attached | null; reason: string; retryIn: number };

/** The kernel as a source: follows interfaces as they come and go, reads counters each second. */
export class BpfSource implements Source {
  readonly #options: BpfSourceOptions;
  readonly #diff: CounterDiff;
  #slots = new Map<number, Slot>();
  #sink: Sink | null = null;
  #timers: NodeJS.Timeout[] = [];
  #stopping: Promise<void> | null = null;
  #announced = "";

  constructor(options: BpfSourceOptions) {
    this.#options = options;
    this.#diff = new CounterDiff(options.clockBoottimeNs());
  }

  start(sink: Sink): void {
    this.#sink = sink;
    this.#options.engine.start((batch, records) => sink.records(batch, records));
    this.#relist(sink);
    this.#timers.push(
      setInterval(() => this.#count(sink, false), COUNTER_PERIOD_MS),
      setInterval(() => this.#relist(sink), RELIST_PERIOD_MS),
    );
  }

  setSampling(sampling: Sampling): void {
    this.#options.engine.setSampling(sampling);
  }

  setOwnEndpoints(endpoints: readonly TextEndpoint[]): void {
    const known = endpoints.map(toEndpoint).filter((endpoint) => endpoint !== null);
    this.#options.engine.setOwnEndpoints(known.slice(0, MAX_OWN_ENDPOINTS));
  }

  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop());
  }

  /** Detach comes first: after it nothing is counted, so the last counters and records agree to the packet. */
  async #stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    const { engine } = this.#options;
    for (const [ifindex, slot] of this.#slots) if (slot.attached !== null) engine.detach(ifindex);
    await engine.stop();
    if (this.#sink !== null) this.#count(this.#sink, true);
    await engine.close();
  }

  #count(sink: Sink, force: boolean): void {
    const reading = this.#diff.read(this.#options.engine.readCounters());
    sink.ringLost(reading.ringLost);
    if (sink.counters(reading.batches, force)) reading.commit();
  }

  #relist(sink: Sink): void {
    const present = new Map(this.#options.listInterfaces().map((device) => [device.ifindex, device]));
    if (this.#dropGone(sink, present)) this.#count(sink, true); // the next attach may take over their counters
    const fresh: Slot[] = [];
    for (const device of present.values()) {
      const slot = this.#slots.get(device.ifindex) ?? { device, attached: null, reason: "", retryIn: 0 };
      slot.device = device;
      this.#slots.set(device.ifindex, slot);
      if (slot.attached === null && this.#tryAttach(slot)) fresh.push(slot);
    }
    if (fresh.length > 0) this.#learnHooks(fresh);
    this.#announce(sink);
    for (const slot of fresh) sink.attached(describe(slot));
  }

  /** True when an attached interface went away; the kernel has let go of its programs by itself then. */
  #dropGone(sink: Sink, present: ReadonlyMap<number, NetInterface>): boolean {
    let any = false;
    for (const [ifindex, slot] of this.#slots) {
      if (present.has(ifindex)) continue;
      this.#slots.delete(ifindex);
      if (slot.attached === null) continue;
      this.#options.engine.detach(ifindex);
      any = true;
      sink.detached(describe(slot));
    }
    return any;
  }

  /** True when the interface is attached now. Native XDP that is refused falls back to TCX, and says so. */
  #tryAttach(slot: Slot): boolean {
    const mode = wantedMode(this.#options.selection, slot.device);
    if (mode === null) {
      slot.reason = slot.device.up ? "not chosen" : "the interface is down";
      slot.retryIn = 0;
      return false;
    }
    if (slot.retryIn-- > 0) return false;
    try {
      slot.attached = this.#attach(slot.device, mode);
      return true;
    } catch (error) {
      if (!(error instanceof BpfError)) throw error;
      slot.reason = error.message.slice(0, 500);
      slot.retryIn = RETRY_LISTINGS;
      return false;
    }
  }

  #attach(device: NetInterface, mode: "tcx" | "xdp-native"): Attached {
    const { engine } = this.#options;
    if (mode === "tcx") {
      engine.attach(device.ifindex, "tcx");
      return { hook: "tcx" };
    }
    try {
      engine.attach(device.ifindex, "xdp-native");
      return { hook: "xdp-native" };
    } catch (error) {
      if (!(error instanceof BpfError)) throw error;
      engine.attach(device.ifindex, "tcx");
      return { hook: "tcx", reason: `native XDP was refused: ${error.message}`.slice(0, 500) };
    }
  }

  /** What took the place of TCX on kernels without it is known from the counter rows alone. */
  #learnHooks(slots: readonly Slot[]): void {
    const hooks = ingressHooks(this.#options.engine.readCounters());
    for (const slot of slots) {
      const hook = hooks.get(slot.device.ifindex);
      if (slot.attached !== null && hook !== undefined) slot.attached = { ...slot.attached, hook };
    }
  }

  #announce(sink: Sink): void {
    const list = [...this.#slots.values()].map(describe);
    const text = JSON.stringify(list);
    if (text === this.#announced) return;
    this.#announced = text;
    sink.interfaces(list);
  }
}

function describe({ device, attached, reason }: Slot): AgentInterface {
  const { ifindex, name, kind, mac, mtu, up } = device;
  const common = { ifindex, name, kind, mac, mtu, up };
  return attached === null ? { ...common, hook: "none", reason } : { ...common, ...attached };
}
