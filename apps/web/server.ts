import { Server, type IncomingMessage, type ServerResponse } from "node:http";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { format } from "node:util";
import { setFlagsFromString } from "node:v8";
import { pino, type Logger } from "pino";
import { compose } from "./src/server/boot/compose.ts";
import { ConfigError, readConfig } from "./src/server/boot/config.ts";
import { readStaticFiles } from "./src/server/boot/static-files.ts";
import { listen, serveRequests } from "./src/server/boot/web-server.ts";
import { provideCtx } from "./src/server/context.ts";

/** Ending takes no longer than this, whatever hangs. */
const EXIT_MS = 5_000;
/**
 * Old objects may grow by so much before V8 collects them; left to itself it waits for several times what is in use, and
 * the connections that thousands of strangers opened and left would stay in memory for minutes (v8: --heap-growing-percent).
 */
const HEAP_GROWING_PERCENT = 40;

async function main(): Promise<void> {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`);
  const here = dirname(fileURLToPath(import.meta.url));
  const dir = basename(here) === "dist" ? dirname(here) : here;
  const dev = process.argv.includes("--dev");
  Object.assign(process.env, { NODE_ENV: dev ? "development" : "production", NEXT_TELEMETRY_DISABLED: "1" });
  const config = readConfig(process.env);
  const log = pino({ level: config.logLevel, base: { name: "hub" } });
  const { ctx, server, close } = await compose(config, log, join(dir, "../.."));

  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) return;
    stopping = true;
    log.info({ event: "stopping", signal }, "the hub stops");
    setTimeout(() => process.exit(1), EXIT_MS).unref();
    close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);

  if (!dev) consoleToLog(log);
  provideCtx(ctx);
  const { default: next } = await import("next");
  // In production Next gets a server of its own that never listens: it has no upgrade to answer, and ours stay ours.
  const app = next({
    dev,
    dir,
    quiet: !dev,
    hostname: config.listen.host ?? "0.0.0.0",
    port: config.listen.port,
    httpServer: dev ? server : new Server(),
  });
  await app.prepare();
  const handle = app.getRequestHandler();
  const files = dev ? null : readStaticFiles(join(dir, ".next/static"));
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> =>
    files?.answer(request, response) ? undefined : handle(request, response);
  serveRequests(server, config, serve, { dev, log });
  const port = await listen(server, config.listen);
  log.info({ event: "listening", url: config.url, port, pin: ctx.pin }, `listening at ${config.url}`);
}

/** Next speaks to the console; what the hub writes to stdout is JSON lines only. */
function consoleToLog(log: Logger): void {
  console.log = console.info = (...said: unknown[]) => log.debug({ event: "next" }, format(...said));
  console.warn = (...said: unknown[]) => log.warn({ event: "next" }, format(...said));
  console.error = (...said: unknown[]) => log.error({ event: "next" }, format(...said));
}

function fail(error: unknown): never {
  const text =
    error instanceof ConfigError || !(error instanceof Error)
      ? `sonde hub: ${error instanceof Error ? error.message : String(error)}`
      : error.stack;
  process.stderr.write(`${text}\n`);
  process.exit(1);
}

main().catch(fail);
