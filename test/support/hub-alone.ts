import { randomUUID } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { io, type Socket } from "socket.io-client";
import { AGENT_NAMESPACE, AGENT_PATH, PROTOCOL_VERSION, type AgentInterface } from "@sonde/protocol";
import { API_BASE, enrolResponseSchema } from "@sonde/protocol/rest";
import { hubNeeds, startHub } from "../../scripts/lib/hub.mjs";
import { root } from "../../scripts/lib/paths.mjs";
import { startPostgres } from "../../scripts/lib/postgres.mjs";
import { chooseIdentity } from "../../scripts/lib/privilege.mjs";

/** A connected agent that is not one: it sends what a test gives it. */
export type PlayedAgent = {
  readonly hostId: string;
  readonly bootId: string;
  readonly stream: bigint;
  /** CLOCK_BOOTTIME that its hello named, ns; the hub takes it for the moment of that hello. */
  readonly bootNs: bigint;
  /** performance.now() of this process at that moment. */
  readonly helloAt: number;
  /** Sends a batch; throws unless the hub has committed it. */
  send(batch: Uint8Array): Promise<void>;
};
export type PlayedHost = {
  readonly name: string;
  readonly labels?: Record<string, string>;
  readonly interfaces: readonly AgentInterface[];
};

/** The built hub with its database on loopback, without agents or namespaces of its own. */
export type HubAlone = {
  readonly url: string;
  readonly folder: string;
  admin(verb: "admin-link" | "enrol-token"): Promise<string>;
  play(host: PlayedHost): Promise<PlayedAgent>;
  close(): Promise<void>;
};

/** `env`: more of the hub's settings. Everything is removed by close(). */
export async function startHubAlone(env: NodeJS.ProcessEnv = {}): Promise<HubAlone> {
  const folder = mkdtempSync("/tmp/sonde-hub-");
  chmodSync(folder, 0o711); // the hub and Postgres run as another user
  const undo: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    const identity = chooseIdentity({ clone: root, needs: hubNeeds, env: process.env });
    const postgres = await startPostgres({ data: join(folder, "postgres"), run: join(folder, "run"), identity, durable: false });
    undo.push(postgres.stop);
    const options = { databaseUrl: postgres.url, data: join(folder, "hub"), identity };
    const hub = await startHub({ ...options, env: { SONDE_URL: `http://127.0.0.1:${await freePort()}`, ...env } });
    undo.push(hub.stop);
    const sockets: Socket[] = [];
    undo.push(() => sockets.forEach((socket) => socket.disconnect()));
    const play = async (host: PlayedHost): Promise<PlayedAgent> => {
      const { socket, ...agent } = await connect(hub.url, await hub.admin("enrol-token"), host);
      sockets.push(socket);
      return agent;
    };
    return { url: hub.url, folder, admin: hub.admin, play, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function connect(url: string, token: string, host: PlayedHost): Promise<PlayedAgent & { readonly socket: Socket }> {
  const passport = { hostname: host.name, kernel: "6.18.0", arch: "x64", os: "Debian 12", agentVersion: "0.1.0", cpus: 2, facts: [] };
  const enrolled = await fetch(`${url}${API_BASE}/enrol`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token, hostname: host.name, passport }),
  });
  const { hostId, credential } = enrolResponseSchema.parse(await enrolled.json());
  const auth = { protocol: PROTOCOL_VERSION, hostId, credential, agentVersion: "0.1.0" };
  const socket = io(url + AGENT_NAMESPACE, { path: AGENT_PATH, transports: ["websocket"], reconnection: false, forceNew: true, auth });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  const ask = async (event: string, input: unknown): Promise<void> => {
    const answer: { ok?: boolean } = await socket.timeout(10_000).emitWithAck(event, input);
    if (answer.ok !== true) throw new Error(`the hub refused a ${event}: ${JSON.stringify(answer)}`);
  };
  const run = { hostId, bootId: randomUUID(), stream: 7n, bootNs: 90_000_000_000_000n, helloAt: performance.now() };
  const clock = () => ({
    bootNs: `${run.bootNs + BigInt(Math.round((performance.now() - run.helloAt) * 1e6))}`,
    wallNs: `${BigInt(Date.now()) * 1_000_000n}`,
  });
  socket.on("message", (message: { type: string }, answer: unknown) => {
    if (message.type === "clock" && typeof answer === "function") answer({ ok: true, ...clock() });
  });
  await ask("message", { type: "hello", bootId: run.bootId, stream: `${run.stream}`, passport, ...clock(), labels: host.labels ?? {} });
  await ask("message", { type: "interfaces", interfaces: host.interfaces });
  return { ...run, socket, send: (batch) => ask("batch", Buffer.from(batch)) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
