import { randomUUID } from "node:crypto";
import {
  BATCH_HEADER_BYTES,
  BatchKind,
  Direction,
  RECORD_HEADER_BYTES,
  filtersSchema,
  frameBatch,
  headerAt,
  recordAt,
  stampBatch,
  viewOf,
  type AgentInterface,
  type CaptureLimits,
  type FiltersMessage,
} from "@sonde/protocol";
import type { Socket } from "socket.io-client";
import type { Of } from "./batches.ts";
import { ask, next, passport, type TestHub } from "./hub.ts";

/** A packet as an agent records it; `at` is CLOCK_BOOTTIME. */
export type Packet = {
  readonly at: bigint;
  readonly bytes: Uint8Array;
  readonly wireLen?: number;
  readonly selected?: bigint;
  readonly ifindex?: number;
  readonly direction?: Direction;
  readonly sampleN?: number;
  readonly flags?: number;
  readonly vlanTci?: number;
};

/** A record batch of a filter set. */
export function packetBatch(of: Of, set: number, packets: readonly Packet[]): Uint8Array {
  const lengths = packets.map((packet) => RECORD_HEADER_BYTES + ((packet.bytes.length + 7) & ~7));
  const bodyLen = lengths.reduce((sum, one) => sum + one, 0);
  const bytes = new Uint8Array(BATCH_HEADER_BYTES + bodyLen);
  const view = viewOf(bytes);
  const times = packets.map((packet) => packet.at);
  const [firstNs, lastNs] = [times[0] ?? 0n, times.at(-1) ?? 0n];
  frameBatch(view, { kind: BatchKind.records, count: packets.length, bodyLen, firstNs, lastNs });
  stampBatch(view, { ...of, sampleN: 1, snaplen: 128, ringLost: 0n, queueLost: 0n });
  view.setUint32(headerAt.filterSet, set, true);
  let at = BATCH_HEADER_BYTES;
  packets.forEach((packet, i) => {
    view.setUint16(at + recordAt.recLen, lengths[i]!, true);
    view.setUint16(at + recordAt.capLen, packet.bytes.length, true);
    view.setUint32(at + recordAt.wireLen, packet.wireLen ?? packet.bytes.length, true);
    view.setBigUint64(at + recordAt.tsNs, packet.at, true);
    view.setUint32(at + recordAt.ifindex, packet.ifindex ?? 2, true);
    view.setUint32(at + recordAt.sampleN, packet.sampleN ?? 1, true);
    view.setBigUint64(at + recordAt.matched, packet.selected ?? 0n, true);
    view.setBigUint64(at + recordAt.selected, packet.selected ?? 0n, true);
    view.setUint8(at + recordAt.direction, packet.direction ?? Direction.ingress);
    view.setUint8(at + recordAt.flags, packet.flags ?? 0);
    view.setUint16(at + recordAt.vlanTci, packet.vlanTci ?? 0, true);
    bytes.set(packet.bytes, at + RECORD_HEADER_BYTES);
    at += lengths[i]!;
  });
  return bytes;
}

/** An Ethernet frame that ends in these bytes, and is no known protocol. */
export function frame(...payload: number[]): Uint8Array {
  return Uint8Array.of(2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5, ...payload);
}

const interfaces: AgentInterface[] = [
  { ifindex: 1, name: "lo", kind: "loopback", mac: null, mtu: 65536, up: true, hook: "tcx" },
  { ifindex: 2, name: "eth0", kind: "ethernet", mac: null, mtu: 1500, up: true, hook: "tcx" },
  { ifindex: 3, name: "wg0", kind: "l3", mac: null, mtu: 1420, up: true, hook: "tcx" },
];

type Answer = (set: FiltersMessage) => object | null;
const applies: Answer = ({ number }) => ({ ok: true, report: { number, contexts: [], nsPerPacket: null } });
export type AgentOptions = {
  readonly as?: { readonly hostId: string; readonly credential: string; readonly bootId: string };
  /** null is silence. */
  readonly answer?: Answer;
  readonly stream?: bigint;
  /** Host clock minus the hub's. */
  readonly offsetMs?: number;
};

/** An agent that takes sets and records what a test says; its host booted 1,000 s ago. */
export class CaptureAgent {
  readonly hostId: string;
  readonly credential: string;
  readonly bootId: string;
  readonly stream: bigint;
  readonly sets: FiltersMessage[] = [];
  readonly bootMs = Date.now() - 1_000_000;
  socket: Socket | null = null;
  sequence = 0n;
  private readonly options: AgentOptions;

  constructor(who: { hostId: string; credential: string; bootId: string }, options: AgentOptions) {
    ({ hostId: this.hostId, credential: this.credential, bootId: this.bootId } = who);
    this.stream = options.stream ?? 7n;
    this.options = options;
  }

  /** Hub time in ms as this host's CLOCK_BOOTTIME. */
  boot(ms: number): bigint {
    return BigInt(Math.round((ms - this.bootMs) * 1e6));
  }

  async connect(hub: Pick<TestHub, "agent">): Promise<this> {
    const { hostId, credential, bootId, stream } = this;
    const clock = () => ({
      bootNs: `${this.boot(Date.now())}`,
      wallNs: `${BigInt(Date.now() + (this.options.offsetMs ?? 0)) * 1_000_000n}`,
    });
    const socket = hub.agent({ hostId, credential });
    this.socket = socket;
    socket.on("message", (message: { type: string }, reply: (answer: object) => void) => {
      if (message.type === "clock") return reply({ ok: true, ...clock() });
      if (message.type !== "filters") return;
      const set = filtersSchema.parse(message);
      this.sets.push(set);
      const said = (this.options.answer ?? applies)(set);
      if (said !== null) reply(said);
    });
    await next(socket, "connect");
    const filterSet = this.sets.at(-1)?.number ?? 0;
    await this.say({ type: "hello", bootId, stream: `${stream}`, passport, filterSet, ...clock() });
    await this.say({ type: "interfaces", interfaces });
    return this;
  }

  async say(message: object): Promise<void> {
    const answer = await ask(this.socket!, "message", message);
    if (answer["ok"] !== true) throw new Error(JSON.stringify(answer));
  }

  /** The capture of the set it holds, with its bit; null without one. */
  captured(id: string): { readonly set: number; readonly bit: number; readonly limits: CaptureLimits } | null {
    const set = this.sets.at(-1);
    const bit = set?.filters.findIndex((filter) => filter.capture?.id === id) ?? -1;
    return set === undefined || bit < 0 ? null : { set: set.number, bit, limits: set.filters[bit]!.capture! };
  }

  /** Sends packets that a filter of a set selected, as the next batch or again as one of before. */
  async send(of: { readonly set: number; readonly bit: number }, packets: readonly Packet[], sequence?: bigint): Promise<object> {
    const { hostId, bootId, stream } = this;
    const selected = 1n << BigInt(of.bit);
    const batch = packetBatch(
      { hostId, bootId, stream, sequence: sequence ?? ++this.sequence },
      of.set,
      packets.map((packet) => ({ selected, ...packet })),
    );
    return ask(this.socket!, "batch", batch);
  }

  /** What its status says of a capture. */
  async progress(id: string, ended: string | null, packets: number, snaplen = 128): Promise<void> {
    const captures = [{ id, ended, packets: `${packets}`, bytes: `${packets * 100}`, snaplen }];
    await this.say({ type: "status", sampleN: 1, snaplen, rssBytes: 1, cpuSeconds: 1, queueBytes: 0, queueLost: "0", captures });
  }
}

/** Enrols a host, unless it is said who it is, and connects its agent. */
export async function captureAgent(hub: TestHub, options: AgentOptions = {}): Promise<CaptureAgent> {
  const who = options.as ?? { ...(await hub.enrol()), bootId: randomUUID() };
  return new CaptureAgent(who, options).connect(hub);
}
