// Plays an agent that keeps to nothing, against a real hub. Standard input: a Rogue as JSON; standard
// output: RogueAnswers as JSON. Run it with `node --import tsx`, inside the namespace that reaches the hub.
import { readFileSync } from "node:fs";
import { AGENT_NAMESPACE, AGENT_PATH, MAX_BATCH_BYTES, PROTOCOL_VERSION, headerAt, viewOf } from "@sonde/protocol";
import { type Socket, io } from "socket.io-client";
import { recordBatch } from "../../apps/web/test/batches.ts";

/** With `seed` null it only calls in with a protocol version that is not spoken. */
export type Rogue = { readonly url: string; readonly hostId: string; readonly credential: string; readonly seed: number | null };
/** Codes the hub answered with, by what it was sent; `frameTooLarge` is why the connection ended. */
export type RogueAnswers = { readonly version: string } & Partial<Batches>;
type Batches = Record<"truncated" | "oversized" | "batchVersion" | "frameTooLarge", string> & { readonly random: Record<string, number> };

const RANDOM_BATCHES = 100;
const bootId = "6f1c1e54-6d2b-4f43-9a53-3d2f0d5f8a11";
const passport = { hostname: "rogue", kernel: "6.18", arch: "x64", os: "none", agentVersion: "0.1.0", cpus: 1, facts: [] };

async function play({ url, hostId, credential, seed }: Rogue): Promise<RogueAnswers> {
  const connect = (protocol: number): Socket =>
    io(url + AGENT_NAMESPACE, {
      path: AGENT_PATH,
      transports: ["websocket"],
      reconnection: false,
      forceNew: true,
      rejectUnauthorized: false,
      auth: { protocol, hostId, credential, agentVersion: "0.1.0" },
    });
  const old = connect(PROTOCOL_VERSION + 1);
  const version = await new Promise<string>((resolve) =>
    old.on("connect_error", (error: Error & { data?: { code?: string } }) => resolve(error.data?.code ?? error.message)),
  );
  old.disconnect();
  if (seed === null) return { version };

  const socket = connect(PROTOCOL_VERSION);
  const ask = async (event: string, input: unknown): Promise<string> => {
    const ack: { ok: boolean; code?: string } = await socket.timeout(10_000).emitWithAck(event, input);
    return ack.ok ? "OK" : String(ack.code);
  };
  const hello = await ask("message", { type: "hello", bootId, stream: "1", passport, bootNs: "1000000000", wallNs: `${Date.now()}000000` });
  if (hello !== "OK") throw new Error(`the hub answered the hello with ${hello}`);
  const batch = () => recordBatch({ hostId, bootId, stream: 1n, sequence: 1n }, 4);
  const truncated = await ask("batch", batch().subarray(0, 40));
  const otherVersion = batch();
  viewOf(otherVersion).setUint16(headerAt.version, 999, true);
  const batchVersion = await ask("batch", otherVersion);
  const oversized = await ask("batch", new Uint8Array(MAX_BATCH_BYTES + 1));
  const random: Record<string, number> = {};
  const next = generator(seed);
  for (let i = 0; i < RANDOM_BATCHES; i++) {
    const code = await ask(
      "batch",
      Uint8Array.from({ length: next() % 2048 }, () => next() & 0xff),
    );
    random[code] = (random[code] ?? 0) + 1;
  }
  const ended = new Promise<string>((resolve) => socket.on("disconnect", resolve));
  socket.emit("batch", new Uint8Array(2 * 1024 * 1024), () => {});
  return { version, truncated, oversized, batchVersion, random, frameTooLarge: await ended };
}

/** mulberry32: the same numbers for the same seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}

const answers = await play(JSON.parse(readFileSync(0, "utf8")) as Rogue);
process.stdout.write(`${JSON.stringify(answers)}\n`, () => process.exit(0));
