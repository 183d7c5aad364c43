/*
 * Hostile browsers and agents, all at once, in a process of their own: sockets that never say anything, a page that reads
 * nothing and one that subscribes without end, and agents that send noise, other hosts' batches, jumps and giant frames.
 * Argument: an Attack as JSON.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { connect } from "node:net";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { AGENT_NAMESPACE, AGENT_PATH, LIVE_NAMESPACE, LIVE_PATH, PROTOCOL_VERSION } from "@sonde/protocol";
import { type ManagerOptions, type Socket, type SocketOptions, io } from "socket.io-client";
import { recordBatch } from "../../../apps/web/test/batches.ts";
import { SimAgent, type SimHost } from "../../support/sim-agent.ts";

export type Attack = {
  readonly url: string;
  readonly cookie: string;
  /** Whose credentials the hostile agents have. */
  readonly hosts: readonly SimHost[];
  readonly watched: string;
  readonly seconds: number;
};

const IDLE_SOCKETS = 5_000;
const SUBSCRIPTIONS = 10_000;
const attack = JSON.parse(process.argv[2] ?? "") as Attack;
const end = performance.now() + attack.seconds * 1000;
const over = (): boolean => performance.now() > end;

/** WebSockets by hand, half to each server, that fall silent after the upgrade. */
async function idleSockets(): Promise<void> {
  const { hostname, port, host } = new URL(attack.url);
  for (let i = 0; i < IDLE_SOCKETS && !over(); i++) {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on("error", () => {});
    const path = i % 2 === 0 ? LIVE_PATH : AGENT_PATH;
    const head = [
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
    ];
    socket.write(
      `GET ${path}/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${attack.url}\r\n${head.join("\r\n")}\r\n\r\n`,
    );
    if (i % 50 === 0) await pause(10);
  }
}

const browser = (): Socket =>
  open(attack.url + LIVE_NAMESPACE, { path: LIVE_PATH, extraHeaders: { cookie: attack.cookie, origin: attack.url } });
const open = (url: string, options: Partial<ManagerOptions & SocketOptions>): Socket =>
  io(url, { transports: ["websocket"], reconnection: false, forceNew: true, ...options });

async function readsNothing(): Promise<void> {
  const page = browser();
  page.emit("message", { type: "watch", hostId: attack.watched }, () => {
    const { ws } = page.io.engine.transport as unknown as { ws: { pause(): void } };
    ws.pause();
  });
}

async function subscribesWithoutEnd(): Promise<void> {
  const page = browser();
  for (let i = 0; i < SUBSCRIPTIONS && !over(); i++) {
    page.emit("message", { type: "watch", hostId: i % 2 === 0 ? attack.watched : randomUUID() }, () => {});
    if (i % 100 === 0) await pause(20);
  }
}

/** Comes back each time the hub ends it. */
async function hostileAgent(host: SimHost): Promise<void> {
  while (!over()) {
    const agent = new SimAgent({ url: attack.url, host, random: Math.random });
    await agent.connect().catch(() => pause(500));
    for (let i = 0; i < 400 && !over(); i++) {
      const made = [
        () => randomBytes(2_000),
        () => recordBatch({ ...host, hostId: attack.watched, stream: 1n, sequence: 1n }, 100),
        () => recordBatch({ ...host, stream: 1n, sequence: BigInt(i) ** 3n }, 100),
      ][i % 3]!();
      agent.raw(made);
      if (i % 20 === 0) await pause(5);
    }
    agent.raw(randomBytes(1024 * 1024));
    await pause(100);
    agent.stop();
  }
}

/** Guesses credentials. */
async function stranger(): Promise<void> {
  while (!over()) {
    const auth = { protocol: PROTOCOL_VERSION, hostId: attack.watched, credential: `snd_agent_${randomUUID()}`, agentVersion: "0" };
    const socket = open(attack.url + AGENT_NAMESPACE, { path: AGENT_PATH, auth });
    await new Promise((resolve) => socket.once("connect_error", resolve));
    socket.disconnect();
  }
}

await Promise.all([idleSockets(), readsNothing(), subscribesWithoutEnd(), ...attack.hosts.map(hostileAgent), stranger()]);
await pause(Math.max(0, end - performance.now()));
process.exit();
