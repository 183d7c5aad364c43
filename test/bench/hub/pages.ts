import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";

const PATHS = ["/", "/api/v1/hosts"];
const EVERY_MS = 100;

/** Asks for a page and the list of hosts in turn until stopped; ms of each answer. Rejects when one is refused. */
export function askPages(url: string, cookie: string): { readonly stop: () => Promise<number[]> } {
  let stopped = false;
  const took: number[] = [];
  const asking = (async () => {
    for (let i = 0; !stopped; i++) {
      const begin = performance.now();
      const response = await fetch(url + PATHS[i % PATHS.length], { headers: { cookie } });
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`${PATHS[i % PATHS.length]} answered ${response.status}`);
      took.push(performance.now() - begin);
      await pause(EVERY_MS);
    }
    return took;
  })();
  asking.catch(() => {}); // told to whoever stops it
  return {
    stop: () => {
      stopped = true;
      return asking;
    },
  };
}
