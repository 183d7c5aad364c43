/** Takes rounds of full batches, gives each back or drops it as argv[2] says, and prints memory after two rounds and at the end. */
import { openEngine } from "../../src/index.ts";
import { ether, ipv4, udp } from "./frames.ts";
import { Wire, until } from "./netns.ts";

const ROUNDS = 12;
const FRAMES = Array.from({ length: 1000 }, (_, i) =>
  ether(0x0800, ipv4({ proto: 17, payload: udp({ sport: i, payload: Buffer.alloc(200) }) })),
);

/** Of all lent batches, and the JavaScript objects about them. */
async function memory(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve)); // what the collector found is given back in the next turn
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function main(): Promise<void> {
  using wire = new Wire();
  const engine = openEngine({ snaplen: 128 });
  engine.attach(wire.ifindex, "tcx");
  let records = 0;
  engine.start((batch, count) => {
    records += count;
    if (process.argv[2] === "released") engine.release(batch);
  });
  let early = 0;
  for (let round = 1; round <= ROUNDS; round++) {
    await wire.sendInLater(FRAMES, "-K", "--topspeed", "--loop=10");
    await until("the round", () => records === round * 10 * FRAMES.length);
    if (round === 2) early = await memory();
  }
  const late = await memory();
  await engine.close();
  process.stdout.write(JSON.stringify({ early, late, records }));
}

await main();
