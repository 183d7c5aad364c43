import type { AgentInterface } from "@sonde/protocol";

/** abi.h SONDE_MAX_INTERFACES and the cap of the interfaces message. */
const MAX_INTERFACES = 1024;

/**
 * What the hub is told of interfaces. One that is gone stays announced, as gone, until no counter batch
 * that may name it is held: a hub that never heard of it would refuse the rows (SPEC 3.3).
 */
export class Announcement {
  #present: readonly AgentInterface[] = [];
  readonly #gone = new Map<number, AgentInterface>();

  get list(): readonly AgentInterface[] {
    return [...this.#present, ...this.#gone.values()].slice(0, MAX_INTERFACES);
  }

  replace(present: readonly AgentInterface[]): void {
    const indexes = new Set(present.map((each) => each.ifindex));
    for (const each of this.#present) {
      if (!indexes.has(each.ifindex)) this.#gone.set(each.ifindex, { ...each, up: false, hook: "none", reason: "the interface is gone" });
    }
    for (const ifindex of indexes) this.#gone.delete(ifindex);
    this.#present = present;
  }

  /** No counter batch is held any more. True when the list became shorter by it. */
  settle(): boolean {
    const any = this.#gone.size > 0;
    this.#gone.clear();
    return any;
  }
}
