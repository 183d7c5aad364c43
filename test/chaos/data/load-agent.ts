/*
 * An agent without a kernel: the real queue, spool and uplink, filled with batches whose every row has a number of
 * its own. What it made and what the hub acknowledged is written down line by line before it goes on, so that the
 * lines outlive a SIGKILL. Arguments: state folder, journal file, flow batches a second.
 *
 *   run R                   a run of this agent begins; numbers of its batches start behind R * 2^20
 *   made KIND BATCH         about to be queued; KIND is flows or counters
 *   acked KIND BATCH        the hub says that it is committed
 *   lost KIND BATCH         dropped by the full queue, and counted in the ledger
 */
import { randomBytes } from "node:crypto";
import { openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type AgentInterface, BATCH_HEADER_BYTES, FLOW_BYTES, counterRowAt, flowAt, headerAt, viewOf } from "@sonde/protocol";
import type { Outgoing } from "../../../apps/agent/src/uplink/types.ts";
import { readCredential } from "../../../apps/agent/src/control/credential.ts";
import { Outbox } from "../../../apps/agent/src/pipeline/outbox.ts";
import { BatchQueue } from "../../../apps/agent/src/pipeline/queue.ts";
import { Spool } from "../../../apps/agent/src/spool/spool.ts";
import { createDialAgent } from "../../../apps/agent/src/uplink/dialer.ts";
import { createUplink } from "../../../apps/agent/src/uplink/uplink.ts";
import { counterBatch, flowBatch, recordBatch } from "../../../apps/web/test/batches.ts";
import { BATCHES_A_RUN, ROWS, type JournalKind, batchOfRow, rowOfBatch } from "./journal.ts";

/** Of the frames of each second so many become records; the rest is sampled out. */
const RECORDS_A_SECOND = 100;
const passport = { hostname: "load", kernel: "6.18", arch: "x64", os: "none", agentVersion: "0.1.0", cpus: 1, facts: [] };

const [state = "", journalFile = "", perSecond = "5"] = process.argv.slice(2);
const credential = readCredential(state);
if (credential === null) throw new Error(`${state} holds no credential`);

const journal = openSync(journalFile, "a");
const note = (line: string): void => void writeSync(journal, `${line}\n`);
const run = readFileSync(journalFile, "utf8").match(/^run /gm)?.length ?? 0;
note(`run ${run}`);

const of = { hostId: credential.hostId, bootId: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(), stream: 0n, sequence: 0n };
const clock = (): { ok: true; bootNs: string; wallNs: string } => ({
  ok: true,
  bootNs: `${process.hrtime.bigint()}`,
  wallNs: `${BigInt(Date.now()) * 1_000_000n}`,
});
const eth0: AgentInterface = { ifindex: 2, name: "eth0", kind: "ethernet", mac: null, mtu: 1500, up: true, hook: "tcx" };

const stream = randomBytes(8).readBigUInt64LE();
const spool = new Spool({
  folder: join(state, "spool"),
  hostId: credential.hostId,
  maxBytes: 256 * 1024 * 1024,
  keepFree: () => 0,
  nowMs: () => performance.now(),
  onEvent: (event) => note(`spool ${JSON.stringify(event)}`),
});
const kept = spool.begin({ bootId: of.bootId, stream, facts: () => ({ ...clock(), interfaces: [eth0] }) });
const queue = new BatchQueue({ ...of, stream, sampleN: 1, snaplen: 128, maxFlowBytes: 4 * 1024 * 1024, kept });
const outbox = new Outbox({ hostId: credential.hostId, queue, earliest: () => spool.earliest(kept) });

/** Numbers of the batches that were handed to the uplink, by stream, kind and sequence. */
const sent = new Map<string, number>();
const keyOf = ({ stream: of, kind, sequence }: Pick<Outgoing, "stream" | "kind" | "sequence">): string => `${of}/${kind}/${sequence}`;
const acked = (key: string): void => {
  const batch = sent.get(key);
  if (batch === undefined) return;
  sent.delete(key);
  note(`acked ${key.split("/")[1]} ${batch}`);
};
/** All that the hub has committed of a stream. */
const ackedThrough = (of: bigint, committed: Readonly<Record<Outgoing["kind"], bigint>>): void => {
  for (const key of [...sent.keys()]) {
    const [name, kind, sequence] = key.split("/") as [string, JournalKind, string];
    if (name === `${of}` && BigInt(sequence) <= committed[kind]) acked(key);
  }
};
const isJournalled = (kind: Outgoing["kind"]): kind is JournalKind => kind === "flows" || kind === "counters";

/** Number of the batch, from its first row. */
function numberOf({ kind, bytes }: Pick<Outgoing, "kind" | "bytes">): number {
  const at = BATCH_HEADER_BYTES + (kind === "flows" ? flowAt.bytes : counterRowAt.proto + 16);
  return batchOfRow(viewOf(bytes).getBigUint64(at, true));
}

const url = new URL(credential.hub);
const uplink = createUplink({
  url,
  agent: createDialAgent({ url, pin: credential.pin ?? undefined }),
  hostId: credential.hostId,
  credential: credential.credential,
  agentVersion: "0.1.0",
  outbox: {
    get stats() {
      return outbox.stats;
    },
    next(window) {
      const out = outbox.next(window);
      if (out !== null && isJournalled(out.kind) && viewOf(out.bytes).byteLength > BATCH_HEADER_BYTES) sent.set(keyOf(out), numberOf(out));
      return out;
    },
    acknowledge(out) {
      acked(keyOf(out));
      outbox.acknowledge(out);
    },
    refuse(out) {
      note(`refused ${out.kind} ${out.sequence}`);
      outbox.refuse(out);
    },
    rewind: () => outbox.rewind(),
    resume(committed) {
      ackedThrough(queue.stream, committed);
      return outbox.resume(committed);
    },
    earlier: () => outbox.earlier(),
    resumeEarlier(committed) {
      const of = outbox.earlier()?.stream;
      if (of !== undefined) ackedThrough(BigInt(of), committed);
      return outbox.resumeEarlier(committed);
    },
  },
  random: Math.random,
  hello: () => {
    const { bootNs, wallNs } = clock();
    return { type: "hello", bootId: of.bootId, stream: `${queue.stream}`, passport, bootNs, wallNs, filterSet: 0 };
  },
  interfaces: () => [eth0],
  engine: () => null,
  status: () => ({ type: "status", sampleN: 1, snaplen: 128, rssBytes: 1, cpuSeconds: 1, queueBytes: queue.stats.bytes, queueLost: "0" }),
  clock,
  onSampling: () => {},
  onFilters: () => Promise.resolve({ ok: false, code: "FILTER_UNSUPPORTED", detail: "there is no kernel under this agent" }),
  onEndpoints: () => {},
  onGap: () => {
    note("gap");
    queue.restart(randomBytes(8).readBigUInt64LE());
  },
  onEvent: (event) => {
    if (event.type === "connected") outbox.setAway(false);
    else if (event.type === "disconnected" || event.type === "unreachable" || event.type === "refused") outbox.setAway(true);
  },
});

let batches = run * BATCHES_A_RUN;
/** Frames made, and of them those whose flow records were dropped, that no counter row has told yet. */
let frames = 0;
let unflowed = 0;
let lastNs = process.hrtime.bigint();

function makeFlows(): void {
  const batch = ++batches;
  const bytes = flowBatch(
    of,
    Array.from({ length: ROWS }, () => ({ ifindex: 2, direction: 1, frames: 1 })),
  );
  const view = viewOf(bytes);
  for (let i = 0; i < ROWS; i++) view.setBigUint64(BATCH_HEADER_BYTES + i * FLOW_BYTES + flowAt.bytes, rowOfBatch(batch, i), true);
  const now = process.hrtime.bigint();
  view.setBigUint64(headerAt.lastNs, now, true);
  note(`made flows ${batch}`);
  frames += ROWS;
  for (const dropped of queue.pushFlows([bytes.buffer as ArrayBuffer])) {
    note(`lost flows ${numberOf({ kind: "flows", bytes: dropped })}`);
    unflowed += ROWS;
  }
}

/** One reading: what was made since the last, in a row whose bytes are the batch's number. */
function makeCounters(): void {
  const records = Math.min(RECORDS_A_SECOND, frames);
  if (records > 0) queue.pushRecords(recordBatch(of, records), records);
  const now = process.hrtime.bigint();
  const batch = batches + 1;
  const row = { ifindex: 2, direction: 1, frames, packets: frames, bytes: Number(rowOfBatch(batch, 0)), unflowed } as const;
  const bytes = counterBatch(of, [{ ...row, delivered: records, sampledOut: frames - records }], now);
  viewOf(bytes).setBigUint64(headerAt.firstNs, lastNs, true);
  if (!queue.pushCounters([bytes.buffer as ArrayBuffer], false)) return; // the interval grows
  batches = batch;
  note(`made counters ${batch}`);
  [lastNs, frames, unflowed] = [now, 0, 0];
}

uplink.start();
const timers = [
  setInterval(
    () => {
      makeFlows();
      uplink.poke();
    },
    1000 / Number(perSecond),
  ),
  setInterval(() => {
    makeCounters();
    outbox.tick();
    uplink.poke();
  }, 1000),
];
process.on("SIGTERM", () => {
  for (const timer of timers) clearInterval(timer);
  makeCounters();
  void uplink.flush(20_000, true).then(async (flushed) => {
    for (let waits = 0; waits < 200 && spool.earliest(kept) !== null; waits++) await new Promise((resolve) => setTimeout(resolve, 100));
    const all = flushed && spool.earliest(kept) === null;
    note(all ? "flushed" : "left behind");
    spool.close();
    process.exit(all ? 0 : 1);
  });
});
