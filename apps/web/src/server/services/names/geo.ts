import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { NameDatabase } from "@sonde/protocol/rest";
import { Reader, type Response } from "maxmind";
import type { Logger } from "pino";
import { z } from "zod";
import type { Clock } from "../../clock.ts";

const LOOK_MS = 30_000;
const MAX_FILES = 16;
/** They are held in memory; the largest that are handed out have about 130 MB. */
const MAX_BYTES = 1024 ** 3;

/** ISO 3166 code of a country, number and name of an autonomous system. */
export type GeoFacts = { readonly country: string | null; readonly asn: number | null; readonly asName: string | null };
export type GeoDatabases = {
  readonly folder: string;
  /** What the databases say, for each fact the first that knows it. */
  of(address: string): GeoFacts;
  list(): readonly NameDatabase[];
  /** Looks whether files came, went or changed; called by itself every 30 s. */
  refresh(): Promise<void>;
  /** Idempotent. */
  stop(): void;
};
export type GeoOptions = {
  /** Files that settings name: when one is not there, that is a fault. */
  readonly files: readonly string[];
  /** Its *.mmdb files are taken too, where it exists. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
};

type Open = { readonly reader: Reader<Response> | null; readonly fault: string | null; readonly state: string };

const iso = z.object({ iso_code: z.string().regex(/^[A-Z]{2}$/) });
const countryRecord = z
  .object({ country: iso })
  .or(z.object({ registered_country: iso }).transform((it) => ({ country: it.registered_country })));
const systemRecord = z.object({
  autonomous_system_number: z.number().int(),
  autonomous_system_organization: z.string().max(200).nullable().default(null),
});

/** The operator's databases of MaxMind's format (MaxMind DB 2.0), read again when they change. Never rejects: a bad file is logged and listed. */
export async function openGeo({ files, folder, clock, log }: GeoOptions): Promise<GeoDatabases> {
  let open = new Map<string, Open>();

  async function refresh(): Promise<void> {
    const next = new Map<string, Open>();
    for (const file of [...new Set([...files, ...(await found(folder))])].slice(0, MAX_FILES)) {
      const before = open.get(file);
      const now = await read(file, before);
      next.set(file, now);
      if (now.fault !== null && now.fault !== before?.fault) {
        log.warn({ event: "geoip", file, fault: now.fault }, `${file} cannot be used: ${now.fault}`);
      } else if (now.fault === null && now.state !== before?.state) {
        log.info({ event: "geoip", file, type: now.reader?.metadata.databaseType }, `${file} is in use`);
      }
    }
    open = next;
  }
  await refresh();

  let running: Promise<void> | null = null;
  const look = (): Promise<void> =>
    (running ??= refresh().finally(() => {
      running = null;
    }));
  const stop = clock.every(LOOK_MS, () => void look());
  return {
    folder,
    of(address) {
      const facts = { country: null as string | null, asn: null as number | null, asName: null as string | null };
      for (const { reader } of open.values()) {
        const record = reader === null ? null : lookUp(reader, address);
        const country = countryRecord.safeParse(record);
        const system = systemRecord.safeParse(record);
        if (country.success) facts.country ??= country.data.country.iso_code;
        if (system.success && facts.asn === null) {
          facts.asn = system.data.autonomous_system_number;
          facts.asName = system.data.autonomous_system_organization;
        }
      }
      return facts;
    },
    list: () =>
      [...open].map(([file, { reader, fault }]) => ({
        file,
        fault,
        type: reader?.metadata.databaseType ?? null,
        builtAt: reader?.metadata.buildEpoch.toISOString() ?? null,
      })),
    refresh: look,
    stop,
  };
}

async function found(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => name.endsWith(".mmdb"))
    .toSorted()
    .map((name) => join(folder, name));
}

/** While a new file cannot be read, the one before goes on being used. */
async function read(file: string, before: Open | undefined): Promise<Open> {
  let state = "";
  try {
    const { mtimeMs, size, ino } = await stat(file);
    state = `${ino}/${size}/${mtimeMs}`;
    if (before?.state === state) return before;
    if (size > MAX_BYTES) throw new Error("it is larger than 1 GiB");
    const reader = new Reader<Response>(await readFile(file));
    if (reader.metadata.binaryFormatMajorVersion !== 2) throw new Error("it is not of version 2 of the format");
    return { reader, fault: null, state };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const fault = before?.reader ? `${reason}; what it held before is still in use` : reason;
    return { reader: before?.reader ?? null, fault: fault.slice(0, 300), state };
  }
}

/** A file that was cut short is found out only where it ends. */
function lookUp(reader: Reader<Response>, address: string): Response | null {
  try {
    return reader.get(address);
  } catch {
    return null;
  }
}
