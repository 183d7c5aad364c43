import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { io, type Socket } from "socket.io-client";
import { AGENT_NAMESPACE, AGENT_PATH, LIVE_NAMESPACE, LIVE_PATH, PROTOCOL_VERSION, type Passport } from "@sonde/protocol";
import { compose } from "../src/server/boot/compose.ts";
import { readConfig } from "../src/server/boot/config.ts";
import { listen, serveRequests } from "../src/server/boot/web-server.ts";
import { provideCtx, type Ctx } from "../src/server/context.ts";
import { createToken } from "../src/server/services/tokens/create.ts";
import { enrolHost } from "../src/server/services/hosts/enrol.ts";
import { createAdminLink } from "../src/server/services/admin-links/create.ts";
import { startPostgres, type TestPostgres } from "./postgres.ts";
import { serveRoutes } from "./routes.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

export const passport: Passport = {
  hostname: "test-host",
  kernel: "6.18.0",
  arch: "x86_64",
  os: "Debian 12",
  agentVersion: "0.1.0",
  cpus: 2,
  facts: [],
};

export type TestHub = {
  readonly ctx: Ctx;
  readonly url: string;
  /** Everything the hub has logged, as text. */
  logs(): string;
  enrol(): Promise<{ hostId: string; credential: string }>;
  /** A signed-in browser's cookie, by a one-time link. */
  signIn(): Promise<string>;
  agent(auth: object): Socket;
  viewer(headers: Record<string, string>): Socket;
  stop(): Promise<void>;
};

/** A port that nothing listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The real hub on a real Postgres, but for Next: routes are called as functions, or over HTTP by `serveRoutes`. */
export async function startTestHub(given?: TestPostgres): Promise<TestHub> {
  const postgres = given ?? (await startPostgres());
  const dataDir = mkdtempSync("/tmp/sonde-hub-");
  const lines: string[] = [];
  const url = `http://127.0.0.1:${await freePort()}`;
  const config = readConfig({ DATABASE_URL: postgres.url, SONDE_URL: url, SONDE_DATA: join(dataDir, "hub"), SONDE_LOG_LEVEL: "trace" });
  const log = pino({ level: "trace" }, { write: (line: string) => void lines.push(line) });
  const { ctx, server, close } = await compose(config, log, root);
  provideCtx(ctx);
  serveRequests(server, config, serveRoutes(), { dev: false, log });
  await listen(server, config.listen);
  const sockets: Socket[] = [];
  const connect = (path: string, namespace: string, options: object): Socket => {
    const socket = io(url + namespace, { path, transports: ["websocket"], reconnection: false, forceNew: true, ...options });
    sockets.push(socket);
    return socket;
  };
  return {
    ctx,
    url,
    logs: () => lines.join(""),
    async enrol() {
      const { token } = await createToken({ ctx, actor: { kind: "local" }, input: { minutes: 5 } });
      return enrolHost({ ctx, actor: { kind: "anonymous" }, input: { token, hostname: "test-host", passport } });
    },
    async signIn() {
      const { secret } = await createAdminLink({ ctx, actor: { kind: "local" }, input: null });
      return cookieOf(await consumeLink(ctx, secret));
    },
    agent: (auth) => connect(AGENT_PATH, AGENT_NAMESPACE, { auth: { protocol: PROTOCOL_VERSION, agentVersion: "0.1.0", ...auth } }),
    viewer: (headers) => connect(LIVE_PATH, LIVE_NAMESPACE, { extraHeaders: headers }),
    async stop() {
      for (const socket of sockets) socket.disconnect();
      await close();
      server.close();
      await postgres.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** POSTs a one-time link's secret as the page does. */
export function consumeLink(ctx: Ctx, token: string, address = "192.0.2.1"): Promise<Response> {
  return authPost(ctx, "/admin-link/consume", { token }, address);
}

export function authPost(ctx: Ctx, path: string, body: object, address = "192.0.2.1"): Promise<Response> {
  const headers = { "content-type": "application/json", origin: ctx.url, "x-sonde-client-address": address };
  return ctx.auth.handler(new Request(`${ctx.url}/api/auth${path}`, { method: "POST", headers, body: JSON.stringify(body) }));
}

export function cookieOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";", 1)[0])
    .join("; ");
}

/** The next event of this name. */
export function next(socket: Socket, event: string): Promise<unknown[]> {
  return new Promise((resolve) => socket.once(event, (...args: unknown[]) => resolve(args)));
}

/** Sends and waits for the acknowledgement, at most 30 s. */
export async function ask(socket: Socket, event: string, ...args: unknown[]): Promise<Record<string, unknown>> {
  return socket.timeout(30_000).emitWithAck(event, ...args);
}

/** Polls until `check` holds; fails after 30 s. */
export async function until(check: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
