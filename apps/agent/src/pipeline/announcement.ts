import type { AgentInterface } from "@sonde/protocol";

/** abi.h SONDE_MAX_INTERFACES and the cap of the interfaces message. */
const MAX_INTERFACES = 1024;

/**
 * What the hub is told of interfaces. One that is gone stays announced, as gone, until no counter or flow
 * batch that may name it is held: a hub that never heard of it would refuse the rows (SPEC 3.3).
 */
export class Announcement {
  #present: readonly AgentInterface[] = [];
  readonly #gone = new Map<number, AgentInterface>();
  /** Gone ones whose name another has by now, and which are announced under a name of their own. */
  readonly #renamed = new Set<number>();

  /**
   * The list to announce; names in it are unique. A hub that heard of the gone ones before (not `resuming`)
   * has their last rows already, or on the wire before this list, so a name that was taken over stays out.
   */
  list(resuming: boolean): readonly AgentInterface[] {
    const names = new Set(this.#present.map((each) => each.name));
    const gone: AgentInterface[] = [];
    for (const each of this.#gone.values()) {
      const taken = names.has(each.name);
      if (taken && resuming) this.#renamed.add(each.ifindex);
      if (this.#renamed.has(each.ifindex)) gone.push({ ...each, name: `${each.name} (gone, ${each.ifindex})`.slice(0, 64) });
      else if (!taken) gone.push(each);
      names.add(each.name);
    }
    return [...this.#present, ...gone].slice(0, MAX_INTERFACES);
  }

  replace(present: readonly AgentInterface[]): void {
    const indexes = new Set(present.map((each) => each.ifindex));
    for (const each of this.#present) {
      if (!indexes.has(each.ifindex)) this.#gone.set(each.ifindex, { ...each, up: false, hook: "none", reason: "the interface is gone" });
    }
    for (const ifindex of indexes) this.#gone.delete(ifindex);
    this.#present = present;
  }

  /** No batch that may name a gone one is held any more. True when the list became shorter by it. */
  settle(): boolean {
    const any = this.#gone.size > 0;
    this.#gone.clear();
    this.#renamed.clear();
    return any;
  }
}
