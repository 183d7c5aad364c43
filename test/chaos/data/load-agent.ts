/*
 * An agent without a kernel, which speaks the protocol and makes load: batches whose every row has a number of its own.
 * What it made and what the hub acknowledged is written down line by line before it goes on, so that the lines outlive a
 * SIGKILL. Arguments: state folder, journal file, flow batches a second.
 *
 *   run R                   a run of this agent begins; numbers of its batches start behind R * 2^20
 *   made KIND BATCH         about to be sent; KIND is flows or counters
 *   acked KIND BATCH        the hub says that it is committed
 *   refused KIND BATCH      the hub will never take it
 */
import { randomBytes } from "node:crypto";
import { openSync, readFileSync, writeSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import {
  AGENT_NAMESPACE,
  AGENT_PATH,
  BATCH_HEADER_BYTES,
  FLOW_BYTES,
  PROTOCOL_VERSION,
  ackSchema,
  flowAt,
  headerAt,
  helloAckSchema,
  viewOf,
} from "@sonde/protocol";
import { type Socket, io } from "socket.io-client";
import { readCredential } from "../../../apps/agent/src/control/credential.ts";
import { counterBatch, flowBatch, recordBatch } from "../../../apps/web/test/batches.ts";
import { BATCHES_A_RUN, ROWS, type JournalKind, rowOfBatch } from "./journal.ts";

/** Of the frames of each second so many become records; the rest is sampled out. */
const RECORDS_A_SECOND = 100;
/** Batches held until they are acknowledged; while there are so many none are made. */
const MAX_HELD = 500;
/** Refusals after which the same batch is sent again. */
const passing = new Set(["BATCH_SEQUENCE", "BUSY", "TOO_MANY", "UNAVAILABLE", "INTERNAL"]);
const passport = { hostname: "load", kernel: "6.18", arch: "x64", os: "none", agentVersion: "0.1.0", cpus: 1, facts: [] };
const interfaces = [{ ifindex: 2, name: "eth0", kind: "ethernet", mac: null, mtu: 1500, up: true, hook: "tcx" }];

const [state = "", journalFile = "", perSecond = "5"] = process.argv.slice(2);
const credential = readCredential(state);
if (credential === null) throw new Error(`${state} holds no credential`);
const { hostId } = credential;
const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
const stream = randomBytes(8).readBigUInt64LE();

const journal = openSync(journalFile, "a");
const note = (line: string): void => void writeSync(journal, `${line}\n`);
const run = readFileSync(journalFile, "utf8").match(/^run /gm)?.length ?? 0;
note(`run ${run}`);

type Kind = JournalKind | "records";
type Held = { readonly kind: Kind; readonly sequence: bigint; readonly number: number; readonly bytes: Uint8Array };
const held: Held[] = [];
/** The first so many of them are on the wire. */
let inFlight = 0;
const made: Record<Kind, bigint> = { records: 0n, flows: 0n, counters: 0n };
let batches = run * BATCHES_A_RUN;

function hold(kind: Kind, number: number, bytes: Uint8Array): void {
  if (kind !== "records") note(`made ${kind} ${number}`);
  held.push({ kind, sequence: made[kind], number, bytes });
}
const nextOf = (kind: Kind) => ({ hostId, bootId, stream, sequence: ++made[kind] });

/** Frames made that no counter row has told yet. */
let frames = 0;
let lastNs = process.hrtime.bigint();

function makeFlows(): void {
  if (held.length >= MAX_HELD) return;
  const number = ++batches;
  const rows = Array.from({ length: ROWS }, () => ({ ifindex: 2, direction: 1, frames: 1 }) as const);
  const bytes = flowBatch(nextOf("flows"), rows);
  const view = viewOf(bytes);
  for (let i = 0; i < ROWS; i++) view.setBigUint64(BATCH_HEADER_BYTES + i * FLOW_BYTES + flowAt.bytes, rowOfBatch(number, i), true);
  view.setBigUint64(headerAt.lastNs, process.hrtime.bigint(), true);
  frames += ROWS;
  hold("flows", number, bytes);
}

/** One reading: what was made since the last, in a row whose bytes are the batch's number. */
function makeCounters(): void {
  if (held.length >= MAX_HELD) return; // the interval grows
  const records = Math.min(RECORDS_A_SECOND, frames);
  if (records > 0) hold("records", 0, recordBatch(nextOf("records"), records));
  const now = process.hrtime.bigint();
  const number = ++batches;
  const row = { ifindex: 2, direction: 1, frames, packets: frames, bytes: Number(rowOfBatch(number, 0)) } as const;
  const bytes = counterBatch(nextOf("counters"), [{ ...row, delivered: records, sampledOut: frames - records }], now);
  viewOf(bytes).setBigUint64(headerAt.firstNs, lastNs, true);
  [lastNs, frames] = [now, 0];
  hold("counters", number, bytes);
}

/** One connection, until it ends: hello, interfaces, then batches in order, `window` of them unacknowledged. */
async function connection(): Promise<void> {
  const socket: Socket = io(`${new URL(credential!.hub).origin}${AGENT_NAMESPACE}`, {
    path: AGENT_PATH,
    transports: ["websocket"],
    reconnection: false,
    forceNew: true,
    rejectUnauthorized: false,
    auth: { protocol: PROTOCOL_VERSION, hostId, credential: credential!.credential, agentVersion: "0.1.0" },
  });
  const ended = new Promise<void>((resolve) => {
    socket.on("disconnect", () => resolve());
    socket.on("connect_error", () => resolve());
  });
  socket.on("message", (message: { type: string }, reply: (answer: object) => void) => {
    if (message.type === "clock") reply({ ok: true, ...clock() });
  });
  socket.on("connect", () => {
    talk(socket).catch(() => socket.disconnect());
  });
  await ended;
  socket.disconnect();
}

function clock(): { bootNs: string; wallNs: string } {
  return { bootNs: `${process.hrtime.bigint()}`, wallNs: `${BigInt(Date.now()) * 1_000_000n}` };
}

async function talk(socket: Socket): Promise<void> {
  const ask = (message: object): Promise<unknown> => socket.timeout(10_000).emitWithAck("message", message);
  const hello = helloAckSchema.parse(await ask({ type: "hello", bootId, stream: `${stream}`, passport, ...clock(), filterSet: 0 }));
  if (!hello.ok) throw new Error(hello.code);
  const announced = ackSchema.parse(await ask({ type: "interfaces", interfaces }));
  if (!announced.ok) throw new Error(announced.code);
  for (const one of held.filter(({ kind, sequence }) => sequence <= BigInt(hello.committed[kind]))) settle(one, "acked");
  inFlight = 0;
  while (socket.connected) {
    while (inFlight < Math.min(hello.window, held.length)) void send(socket, held[inFlight++]!);
    await pause(5);
  }
}

async function send(socket: Socket, one: Held): Promise<void> {
  try {
    const ack = ackSchema.parse(await socket.timeout(30_000).emitWithAck("batch", one.bytes));
    if (ack.ok) return settle(one, "acked");
    if (!passing.has(ack.code)) return settle(one, "refused");
  } catch {
    // not answered: what it became the next hello says
  }
  socket.disconnect();
}

function settle(one: Held, how: "acked" | "refused"): void {
  const at = held.indexOf(one);
  if (at < 0) return;
  held.splice(at, 1);
  if (at < inFlight) inFlight--;
  if (one.kind !== "records") note(`${how} ${one.kind} ${one.number}`);
}

const timers = [setInterval(makeFlows, 1000 / Number(perSecond)), setInterval(makeCounters, 1000)];
process.on("SIGTERM", () => {
  for (const timer of timers) clearInterval(timer);
  makeCounters();
  const deadline = Date.now() + 20_000;
  setInterval(() => {
    if (held.length > 0 && Date.now() < deadline) return;
    note(held.length === 0 ? "flushed" : "left behind");
    process.exit(held.length === 0 ? 0 : 1);
  }, 20);
});
for (;;) {
  await connection();
  await pause(200 + Math.random() * 800);
}
