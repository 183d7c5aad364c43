import { join } from "node:path";
import type { Logger } from "pino";
import packageJson from "../../../package.json" with { type: "json" };
import { createAuth, hashPassword } from "../auth/auth.ts";
import { systemClock } from "../clock.ts";
import type { Ctx } from "../context.ts";
import { createBundle } from "../http/bundle.ts";
import { startHub, type Hub } from "../hub/hub.ts";
import { createMetrics } from "../metrics/metrics.ts";
import { createFilterCompiler } from "../services/filters/compiler.ts";
import { openNameSources } from "../services/names/sources.ts";
import { createThrottle } from "../throttle.ts";
import { clientAddress } from "./addresses.ts";
import type { Config } from "./config.ts";
import { readSecret, readTlsFiles } from "./data-dir.ts";
import { openDatabase } from "./database.ts";
import { migrationNames } from "./migrate.ts";
import { ownEndpoints } from "./own-endpoints.ts";
import { acceptedOrigins, createWebServer, requestsForUs, type WebServer } from "./web-server.ts";

const ENROLMENTS_PER_MINUTE = 60;
const REFUSED_TOKENS_PER_MINUTE = 60;

export type Composed = {
  readonly ctx: Ctx;
  readonly server: WebServer;
  /** Ends sockets, commits what waits, closes the database. Idempotent. */
  close(): Promise<void>;
};

/** Builds the hub but for Next: database, sign-in, sockets on a server that does not listen yet. Throws ConfigError. */
export async function compose(config: Config, log: Logger, root: string): Promise<Composed> {
  const clock = systemClock;
  const tls = readTlsFiles(config, new Date(clock.now()));
  const secret = readSecret(config.dataDir);
  const server = createWebServer(tls);
  const migrations = join(root, "prisma/migrations");
  const database = await openDatabase(config.databaseUrl, migrations, log);
  const { prisma: db, series, commits, queries } = database;
  const origins = acceptedOrigins(config);
  const auth = createAuth({ db, clock, log, secret, url: config.url, origins });
  const names = await openNameSources({ files: config.geoip, folder: join(config.dataDir, "geoip"), db, clock, log });
  let endpoints: ReturnType<typeof ownEndpoints> | undefined;
  const hub: Hub = await startHub({
    server,
    db,
    series,
    commits,
    clock,
    log,
    origins,
    session: (headers) => auth.session(headers),
    isForUs: requestsForUs(config),
    endpoints: () => (endpoints ??= ownEndpoints(config, portOf(server, config))),
    addressOf: (request) => clientAddress(request, config.trust) ?? "unknown",
  });
  const { version } = packageJson;
  const metrics = createMetrics({ db, clock, hub, version, log });
  const ctx: Ctx = {
    db,
    series,
    queries,
    auth,
    hub,
    log,
    clock,
    url: config.url,
    origins,
    pin: tls?.pin ?? null,
    version,
    hashPassword,
    enrolThrottle: createThrottle(clock, ENROLMENTS_PER_MINUTE, 60_000),
    tokenThrottle: createThrottle(clock, REFUSED_TOKENS_PER_MINUTE, 60_000),
    compileFilter: createFilterCompiler([join(root, "packages/filter/build/pcap-compile")]),
    metrics,
    loopbackIsLocal: config.trust === null,
    migrations: await migrationNames(migrations),
    names,
    installScript: join(root, "deploy/install.sh"),
    bundle: createBundle(join(root, "apps/agent/dist/sonde-agent-x86_64.tar.gz")),
  };
  const close = async (): Promise<void> => {
    metrics.stop();
    names.stop();
    await hub.close();
    server.closeAllConnections();
    await database.close();
  };
  let closing: Promise<void> | undefined;
  return { ctx, server, close: () => (closing ??= close()) };
}

function portOf(server: WebServer, config: Config): number {
  const address = server.address();
  return typeof address === "object" && address ? address.port : config.listen.port;
}
