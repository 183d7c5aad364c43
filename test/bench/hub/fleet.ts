/*
 * Simulated agents in a process of their own, so that they share no thread with the hub or the benchmark; told what to do
 * by fleet-client.ts.
 */
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { recordBatch } from "../../../apps/web/test/batches.ts";
import { seeded } from "../../support/random.ts";
import { SimAgent } from "../../support/sim-agent.ts";
import type { Answer, Call, Calls, Flooded } from "./fleet-calls.ts";
import { FLOWS, flowBatch } from "./flows.ts";

/** As the hub's hello says (SPEC 4.1). */
const WINDOW = 16;
/** Batches that one agent has under way when the rate is held down. */
const PACED_WINDOW = 4;
/** Handshakes under way at once. */
const CONNECTING = 50;
const RECORDS = 100;

const agents: SimAgent[] = [];
let greeted = 0;

async function connect({ url, hosts, seed }: Parameters<Calls["connect"]>[0]): Promise<void> {
  const numbers = seeded(seed);
  const random = (): number => numbers.below(2 ** 32) / 2 ** 32;
  const made = hosts.map((host) => new SimAgent({ url, host, random, reconnect: true, onReady: () => greeted++ }));
  agents.push(...made);
  const queue = [...made];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await next.connect();
  };
  await Promise.all(Array.from({ length: CONNECTING }, worker));
}

async function flood({ senders, seconds, recordsPerSecond }: Parameters<Calls["flood"]>[0]): Promise<Flooded> {
  const perAgent = recordsPerSecond === null ? WINDOW : PACED_WINDOW;
  const slots = senders * perAgent;
  const everyMs = recordsPerSecond === null ? 0 : (FLOWS * 1000) / recordsPerSecond;
  const delays: number[] = [];
  const begin = performance.now();
  const slot = async (agent: SimAgent, bytes: Uint8Array, number: number): Promise<void> => {
    for (let round = 0; performance.now() - begin < seconds * 1000; round++) {
      const early = begin + (round * slots + number) * everyMs - performance.now();
      if (early > 0) await pause(early);
      const sent = performance.now();
      const ack = await agent.send(bytes);
      if (!ack.ok) throw new Error(`the hub refused a flow batch: ${ack.code}`);
      delays.push(performance.now() - sent);
    }
  };
  const running = agents.slice(0, senders).flatMap((agent, a) => {
    const bytes = flowBatch(agent.host, a + 1);
    return Array.from({ length: perAgent }, (_, i) => slot(agent, bytes.slice(), i * senders + a));
  });
  await Promise.all(running);
  return { records: delays.length * FLOWS, seconds: (performance.now() - begin) / 1000, delays };
}

async function beat({ agent: number, seconds, everyMs }: Parameters<Calls["beat"]>[0]): Promise<number[]> {
  const agent = agents[number]!;
  const begin = performance.now();
  const delays: number[] = [];
  const sending = new Set<Promise<void>>();
  let failure: unknown;
  const one = async (): Promise<void> => {
    const sent = performance.now();
    const ack = await agent.send(recordBatch({ ...agent.host, stream: 0n, sequence: 0n }, RECORDS));
    if (!ack.ok) throw new Error(`the hub refused a record batch: ${ack.code}`);
    delays.push(performance.now() - sent);
  };
  for (let beats = 1; performance.now() - begin < seconds * 1000; beats++) {
    if (sending.size >= WINDOW) await Promise.race(sending);
    const sent = one()
      .catch((error: unknown) => (failure ??= error))
      .then(() => void sending.delete(sent));
    sending.add(sent);
    const early = begin + beats * everyMs - performance.now();
    if (early > 0) await pause(early);
  }
  await Promise.all(sending);
  if (failure !== undefined) throw failure;
  return delays;
}

const calls: Calls = { connect, flood, beat, greeted: async () => greeted };

async function answer({ id, verb, input }: Call): Promise<Answer> {
  try {
    return { id, result: await calls[verb](input as never) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

process.on("message", (call: Call) => void answer(call).then((reply) => process.send?.(reply)));
process.on("disconnect", () => process.exit());
