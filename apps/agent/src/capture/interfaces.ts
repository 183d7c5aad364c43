import { BpfError, type Engine } from "@sonde/bpf";
import type { AgentInterface } from "@sonde/protocol";
import type { Device } from "./addresses.ts";
import { type Attached, type Selection, attachBest, waysFor } from "./plan.ts";

const MAX_REASON = 500;

type Slot = {
  device: Device;
  attached: Attached | null;
  /** The ways it was attached by, or refused by, as text. */
  ways: string;
  reason: string;
  /** The state it was refused in: it is not tried again until it changes. */
  refusedAs: string;
};

/** The interfaces of this namespace and what is attached to each; exactly one hook accounts each direction. */
export class Interfaces {
  readonly #engine: Pick<Engine, "attach" | "attached" | "detach">;
  readonly #selection: Selection;
  readonly #slots = new Map<number, Slot>();

  constructor(engine: Pick<Engine, "attach" | "attached" | "detach">, selection: Selection) {
    this.#engine = engine;
    this.#selection = selection;
  }

  /**
   * Takes in what is there now. Detaches what went away, lost its program or is not to be watched any more, and
   * answers it. An interface that is down or has a new name keeps its programs, which go on counting.
   */
  update(present: readonly Device[]): readonly AgentInterface[] {
    const devices = new Map(present.map((device) => [device.ifindex, device]));
    const lost: AgentInterface[] = [];
    for (const [ifindex, slot] of this.#slots) {
      const device = devices.get(ifindex);
      const reason = device === undefined ? "the interface is gone" : this.#lossOf(slot, device);
      if (reason !== null && slot.attached !== null) {
        this.#engine.detach(ifindex);
        slot.attached = null;
        slot.reason = reason;
        lost.push(describe(slot));
      }
      if (device === undefined) this.#slots.delete(ifindex);
    }
    for (const device of present) {
      const slot = this.#slots.get(device.ifindex);
      if (slot !== undefined) slot.device = device;
      else this.#slots.set(device.ifindex, { device, attached: null, ways: "", reason: "", refusedAs: "" });
    }
    return lost;
  }

  /** Why the slot cannot keep its programs, or null. */
  #lossOf(slot: Slot, device: Device): string | null {
    if (slot.attached === null) return null;
    if (!this.#engine.attached(device.ifindex)) return "its programs were taken off, by a move or by another process";
    // Its name may have changed, and with it what was asked for.
    const ways = this.#waysOf(device);
    if (ways === slot.ways) return null;
    return ways === "" ? "not chosen under its new name" : "another hook was chosen for its new name";
  }

  #waysOf(device: Device): string {
    return waysFor(this.#selection, device.name)
      .map(({ mode, egress }) => `${mode}/${egress}`)
      .join(" ");
  }

  /** Attaches what is to be attached and is not; answers what is so now. `retry`: also what refused unchanged. */
  attach(retry: boolean): readonly AgentInterface[] {
    const fresh: AgentInterface[] = [];
    for (const slot of this.#slots.values()) {
      if (slot.attached === null && this.#tryAttach(slot, retry)) fresh.push(describe(slot));
    }
    return fresh;
  }

  #tryAttach(slot: Slot, retry: boolean): boolean {
    const { device } = slot;
    const ways = waysFor(this.#selection, device.name);
    if (ways.length === 0 || !device.up) {
      slot.reason = ways.length === 0 ? "not chosen" : "the interface is down";
      slot.refusedAs = "";
      return false;
    }
    const { addresses: _, ...link } = device; // no program hangs on them
    const state = JSON.stringify(link);
    if (slot.refusedAs === state && !retry) return false;
    try {
      slot.attached = attachBest(this.#engine, device.ifindex, ways);
      slot.ways = this.#waysOf(device);
      slot.refusedAs = "";
      return true;
    } catch (error) {
      if (!(error instanceof BpfError)) throw error;
      slot.reason = error.message.slice(0, MAX_REASON);
      slot.refusedAs = state;
      return false;
    }
  }

  detachAll(): void {
    for (const [ifindex, slot] of this.#slots) if (slot.attached !== null) this.#engine.detach(ifindex);
  }

  list(): readonly AgentInterface[] {
    return [...this.#slots.values()].map(describe);
  }
}

function describe({ device, attached, reason }: Slot): AgentInterface {
  const { ifindex, name, kind, mac, mtu, up } = device;
  const common = { ifindex, name, kind, mac, mtu, up, addresses: [...device.addresses] };
  if (attached === null) return { ...common, hook: "none", reason };
  return attached.reason === undefined ? { ...common, hook: attached.mode } : { ...common, hook: attached.mode, reason: attached.reason };
}
