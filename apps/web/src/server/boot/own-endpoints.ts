import { lookup } from "node:dns/promises";
import type { Config } from "./config.ts";
import { listenEndpoints } from "./addresses.ts";

type Endpoint = { address: string; port: number };
const POSTGRES_PORT = 5432;
const MAX_ENDPOINTS = 64;

/** Where Sonde's own TCP connections end: this hub, and the database when it is reached by TCP. */
export async function ownEndpoints(config: Config, port: number): Promise<Endpoint[]> {
  const own = listenEndpoints(config.listen.host, port);
  const database = new URL(config.databaseUrl);
  const host = database.searchParams.get("host") ?? database.hostname;
  if (host === "" || host.startsWith("/")) return own;
  const found = await lookup(host.replace(/^\[|\]$/g, ""), { all: true }).catch(() => []);
  const databasePort = Number(database.port || POSTGRES_PORT);
  return [...own, ...found.map(({ address }) => ({ address, port: databasePort }))].slice(0, MAX_ENDPOINTS);
}
