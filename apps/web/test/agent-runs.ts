import { randomUUID } from "node:crypto";
import type { AgentInterface } from "@sonde/protocol";
import type { Socket } from "socket.io-client";
import { getHost } from "../src/server/services/hosts/get.ts";
import type { Of } from "./batches.ts";
import { ask, next, passport, type TestHub } from "./hub.ts";

const eth0: AgentInterface = { ifindex: 2, name: "eth0", kind: "ethernet", mac: null, mtu: 1500, up: true, hook: "tcx" };
const lo: AgentInterface = { ifindex: 1, name: "lo", kind: "loopback", mac: null, mtu: 65536, up: true, hook: "tcx" };

/** One run of an enrolled agent that has interfaces 1 and 2. */
export type Run = { hostId: string; credential: string; bootId: string; stream: bigint };

export async function newRunOn(hub: TestHub): Promise<Run> {
  const { hostId, credential } = await hub.enrol();
  return { hostId, credential, bootId: randomUUID(), stream: 0xffff_ffff_ffff_fffen - BigInt(Math.floor(Math.random() * 1e9)) };
}

/** Connects, says hello and announces the interfaces. Throws when these are refused. */
export async function connectTo(hub: Pick<TestHub, "agent">, run: Run): Promise<{ socket: Socket; hello: Record<string, unknown> }> {
  const socket = hub.agent({ hostId: run.hostId, credential: run.credential });
  await next(socket, "connect");
  const hello = await ask(socket, "message", {
    type: "hello",
    bootId: run.bootId,
    stream: `${run.stream}`,
    passport,
    bootNs: "5000000000",
    wallNs: `${BigInt(Date.now()) * 1_000_000n}`,
  });
  const announced = await ask(socket, "message", { type: "interfaces", interfaces: [lo, eth0] });
  if (announced["ok"] !== true) throw new Error(`interfaces: ${JSON.stringify(announced)}`);
  return { socket, hello };
}

export const of = (run: Run, sequence: number): Of => ({ ...run, sequence: BigInt(sequence) });
/** A row of interface 2, incoming. */
export const row = (frames: number) =>
  ({ ifindex: 2, direction: 1, frames, packets: frames + 1, bytes: frames * 100, sampledOut: 1, malformed: 3 }) as const;
export const person = { kind: "local" } as const;
export const ledgerOn = async (hub: TestHub, run: Run) =>
  (await getHost({ ctx: hub.ctx, actor: person, input: { id: run.hostId } })).ledger;
