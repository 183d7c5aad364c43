import { createServer as createHttp, type IncomingMessage, type Server as HttpServer, type ServerResponse } from "node:http";
import { createServer as createHttps, type Server as HttpsServer } from "node:https";
import type { Logger } from "pino";
import { AGENT_PATH, LIVE_PATH, errorCodes } from "@sonde/protocol";
import { CLIENT_ADDRESS_HEADER } from "../auth/client-address.ts";
import { clientAddress, isLoopbackHost } from "./addresses.ts";
import { ConfigError, type Config } from "./config.ts";
import type { Tls } from "./data-dir.ts";

export type WebServer = HttpServer | HttpsServer;
type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Answers for whoever asks under whatever name: probes come by address. */
const ANY_HOST = new Set(["/healthz", "/readyz"]);
const SOCKET_PATHS = [`${AGENT_PATH}/`, `${LIVE_PATH}/`];

/** A server that does not listen yet. Throws ConfigError when certificate and key are not a pair. */
export function createWebServer(tls: Tls | null): WebServer {
  const limits = { headersTimeout: 10_000, requestTimeout: 60_000, keepAliveTimeout: 5_000 };
  if (!tls) return createHttp(limits);
  try {
    return createHttps({ ...limits, key: tls.key, cert: tls.cert, minVersion: "TLSv1.2" });
  } catch (error) {
    throw new ConfigError(`SONDE_TLS_CERT and SONDE_TLS_KEY cannot be used: ${error instanceof Error ? error.message : "unknown"}`);
  }
}

/** Host header values that name this hub: SONDE_URL's, and on loopback its other names with the same port. */
export function acceptedHosts(config: Pick<Config, "url" | "loopback">): string[] {
  const { host, hostname, port } = new URL(config.url);
  if (!config.loopback) return [host];
  const suffix = port === "" ? "" : `:${port}`;
  return [...new Set([host, hostname + suffix, `localhost${suffix}`, `127.0.0.1${suffix}`, `[::1]${suffix}`])];
}

export function acceptedOrigins(config: Pick<Config, "url" | "loopback">): string[] {
  const { protocol } = new URL(config.url);
  return acceptedHosts(config).map((host) => `${protocol}//${host}`);
}

/** Tells whether a request may be served here: by a name of ours, and through the proxy when one is declared. */
export function requestsForUs(config: Config): (request: IncomingMessage) => boolean {
  const hosts = new Set(acceptedHosts(config));
  return (request) => hosts.has(request.headers.host ?? "") && clientAddress(request, config.trust) !== null;
}

/** Routes what is not a socket to `handle`, with the client's address in a header of ours; closes every other upgrade. */
export function serveRequests(server: WebServer, config: Config, handle: Handler, options: { dev: boolean; log: Logger }): void {
  const secure = config.url.startsWith("https:");
  const isForUs = requestsForUs(config);
  server.on("request", (request, response) => {
    const url = request.url ?? "/";
    if (SOCKET_PATHS.some((path) => url.startsWith(path))) return;
    const path = url.split("?", 1)[0]!;
    if (!ANY_HOST.has(path) && !isForUs(request)) return refuseHost(response);
    request.headers[CLIENT_ADDRESS_HEADER] = clientAddress(request, config.trust) ?? "unknown";
    for (const name of ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-port", "forwarded"])
      delete request.headers[name];
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    if (secure && !isLoopbackHost(new URL(config.url).hostname)) response.setHeader("strict-transport-security", "max-age=31536000");
    handle(request, response).catch((error: unknown) => {
      options.log.error({ event: "request-failed", path, error: String(error) }, "a request failed");
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  server.on("upgrade", (request, socket) => {
    const ours = SOCKET_PATHS.some((path) => request.url?.startsWith(path));
    if (!ours && !options.dev) socket.destroy();
  });
}

const securityHeaders = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
} as const;

function refuseHost(response: ServerResponse): void {
  const { status, title } = errorCodes.BAD_ORIGIN;
  const detail = "This hub answers only at its own address, SONDE_URL, and through its declared proxy";
  response.writeHead(status, { "content-type": "application/problem+json", connection: "close" });
  response.end(JSON.stringify({ type: "about:blank", title, status, detail, code: "BAD_ORIGIN" }));
}

/** Listens, or throws ConfigError with what is in the way. Returns the port, of the system's choosing for 0. */
export function listen(server: WebServer, { host, port }: Config["listen"]): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(new ConfigError(listenProblem(error, host, port), { cause: error })));
    server.listen(host === undefined ? { port } : { port, host }, () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}

function listenProblem(error: NodeJS.ErrnoException, host: string | undefined, port: number): string {
  const where = `${host ?? "all addresses"}, port ${port}`;
  switch (error.code ?? "") {
    case "EADDRINUSE":
      return `cannot listen on ${where}: the port is in use; stop the other program or set SONDE_URL to another port`;
    case "EACCES":
      return `cannot listen on ${where}: ports below 1024 need a privilege; set SONDE_LISTEN to another port`;
    case "EADDRNOTAVAIL":
      return `cannot listen on ${where}: no interface has this address; set SONDE_LISTEN`;
    default:
      return `cannot listen on ${where}: ${error.message}`;
  }
}
