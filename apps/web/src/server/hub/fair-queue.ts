/** One first-in-first-out queue per host; what is taken goes round the hosts, one item of each in turn. */
export class FairQueue<T> {
  /** In the order in which their turns come: who has had one goes to the end. */
  readonly #hosts = new Map<string, T[]>();

  get empty(): boolean {
    return this.#hosts.size === 0;
  }

  push(hostId: string, item: T): void {
    const own = this.#hosts.get(hostId);
    if (own) own.push(item);
    else this.#hosts.set(hostId, [item]);
  }

  /** Takes items while `room` lets the next one in; the first is let in always. Each host's come in their order. */
  take(room: (next: T) => boolean): T[] {
    const taken: T[] = [];
    // A Map's iteration comes to a key that was deleted and set again once more: that is the round.
    for (const [hostId, own] of this.#hosts) {
      if (taken.length > 0 && !room(own[0]!)) break;
      taken.push(own.shift()!);
      this.#hosts.delete(hostId);
      if (own.length > 0) this.#hosts.set(hostId, own);
    }
    return taken;
  }

  takeAll(): T[] {
    const all = [...this.#hosts.values()].flat();
    this.#hosts.clear();
    return all;
  }
}
