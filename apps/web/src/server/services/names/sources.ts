import { Resolver } from "node:dns/promises";
import type { Ctx } from "../../context.ts";
import { type GeoDatabases, type GeoOptions, openGeo } from "./geo.ts";
import { type ReverseDns, createReverseDns } from "./reverse-dns.ts";

const TIMEOUT_MS = 2_000;

/** Where names of addresses come from, beside the database. */
export type NameSources = { readonly geo: GeoDatabases; readonly dns: ReverseDns };

/** Opens the operator's databases, and the resolver that the system's settings name; nothing is asked before a setting allows it. */
export async function openNameSources(options: GeoOptions & Pick<Ctx, "db">): Promise<NameSources & { stop(): void }> {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 1 });
  const dns = createReverseDns({ ...options, resolvePtr: (name) => resolver.resolvePtr(name) });
  const geo = await openGeo(options);
  const stop = (): void => {
    geo.stop();
    dns.stop();
    resolver.cancel();
  };
  return { geo, dns, stop };
}
