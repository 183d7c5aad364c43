/** The running parts of a demo, some of which come and go. */
export function createParts() {
  /** @type {import("../proc.mjs").Part[]} */
  const running = [];
  /** @type {(part: import("../proc.mjs").Part) => void} */
  let tell = () => {};
  /** The first part that ends although nobody stopped it. @type {Promise<import("../proc.mjs").Part>} */
  const ended = new Promise((resolve) => (tell = resolve));

  /** @param {import("../proc.mjs").Child} child */
  const drop = (child) => {
    const at = running.findIndex((part) => part.child === child);
    return at === -1 ? undefined : running.splice(at, 1)[0];
  };
  return {
    ended,
    /** @param {import("../proc.mjs").Part} part */
    add: (part) => {
      running.push(part);
      void part.child.exited.then(() => running.includes(part) && tell(part));
    },
    drop,
    empty: () => running.length === 0,
    /** Stops one on purpose. @param {import("../proc.mjs").Child} child */
    stop: async (child) => drop(child)?.stop(),
    /** Stops all: the later ones first, those whose names `together` takes at once. @param {(name: string) => boolean} together */
    stopAll: async (together) => {
      const all = running.splice(0).toReversed();
      await Promise.all(all.filter((part) => together(part.name)).map((part) => part.stop()));
      for (const part of all.filter((one) => !together(one.name))) await part.stop();
    },
  };
}

/** @typedef {ReturnType<typeof createParts>} Parts */
