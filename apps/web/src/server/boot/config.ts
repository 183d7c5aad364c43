import { isIP } from "node:net";
import { resolve } from "node:path";
import { isLoopbackHost, parseTrustedProxies, type ProxyTrust } from "./addresses.ts";

/** Wrong settings; the message is one line for the person who starts the hub and never holds a secret. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

export type TlsMode =
  | { readonly kind: "none" }
  | { readonly kind: "given"; readonly certFile: string; readonly keyFile: string }
  | { readonly kind: "self-made" };

export type Config = {
  readonly databaseUrl: string;
  /** Origin of SONDE_URL, without a trailing slash. */
  readonly url: string;
  readonly listen: { readonly host: string | undefined; readonly port: number };
  readonly loopback: boolean;
  readonly trust: ProxyTrust | null;
  readonly tls: TlsMode;
  readonly dataDir: string;
  /** Database files of MaxMind's format. */
  readonly geoip: readonly string[];
  readonly logLevel: string;
};

export type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_URL = "http://127.0.0.1:7878";
const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"];

/** Reads the hub's settings. Throws ConfigError with what to set instead. */
export function readConfig(env: Environment): Config {
  const url = readUrl(env["SONDE_URL"] || DEFAULT_URL);
  const loopback = isLoopbackHost(url.hostname);
  const trust = env["SONDE_TRUST_PROXY"] ? readTrust(env["SONDE_TRUST_PROXY"]) : null;
  const tls = readTls(env, url, trust);
  if (!loopback && tls.kind === "none" && trust === null) {
    throw new ConfigError(
      `SONDE_URL is ${url.origin}: an address other than loopback needs https:// there, or SONDE_TRUST_PROXY with the address of the proxy that does TLS`,
    );
  }
  const logLevel = env["SONDE_LOG_LEVEL"] || "info";
  if (!logLevels.includes(logLevel)) throw new ConfigError(`SONDE_LOG_LEVEL must be one of ${logLevels.join(", ")}`);
  return {
    databaseUrl: readDatabaseUrl(env["DATABASE_URL"]),
    url: url.origin,
    listen: readListen(env["SONDE_LISTEN"], url, loopback),
    loopback,
    trust,
    tls,
    dataDir: resolve(env["SONDE_DATA"] || ".sonde/hub"),
    geoip: [env["SONDE_GEOIP_COUNTRY"], env["SONDE_GEOIP_ASN"]].flatMap((file) => (file ? [resolve(file)] : [])),
    logLevel,
  };
}

function readUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new ConfigError("SONDE_URL is not a URL; set it to the hub's own address, like https://sonde.example.net:7878");
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") throw new ConfigError("SONDE_URL must begin with http:// or https://");
  if (url.pathname !== "/" || url.search || url.hash || url.username || url.password) {
    throw new ConfigError("SONDE_URL must be scheme, host and port only, like https://sonde.example.net:7878");
  }
  return url;
}

function readDatabaseUrl(text: string | undefined): string {
  if (!text)
    throw new ConfigError("DATABASE_URL is not set; set it to the address of a Postgres database, like postgresql://user@host/name");
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new ConfigError("DATABASE_URL cannot be read: it is not a URL like postgresql://user@host/name");
  }
  if (url.protocol !== "postgresql:" && url.protocol !== "postgres:") {
    throw new ConfigError("DATABASE_URL cannot be read: it must begin with postgresql://");
  }
  return text;
}

function readTls(env: Environment, url: URL, trust: ProxyTrust | null): TlsMode {
  const certFile = env["SONDE_TLS_CERT"];
  const keyFile = env["SONDE_TLS_KEY"];
  if (Boolean(certFile) !== Boolean(keyFile)) throw new ConfigError("SONDE_TLS_CERT and SONDE_TLS_KEY go together; set both or none");
  if (certFile && keyFile) {
    if (url.protocol !== "https:") throw new ConfigError("SONDE_TLS_CERT is set but SONDE_URL begins with http://; make it https://");
    return { kind: "given", certFile, keyFile };
  }
  if (url.protocol === "http:" || trust !== null) return { kind: "none" };
  return { kind: "self-made" };
}

function readTrust(text: string): ProxyTrust {
  const parsed = parseTrustedProxies(text);
  if (!parsed)
    throw new ConfigError("SONDE_TRUST_PROXY must list the proxy's addresses or networks, like 127.0.0.1 or 10.0.0.0/8, or say loopback");
  return parsed;
}

/** host, host:port, [v6]:port or :port; what is left out comes from SONDE_URL. */
function readListen(text: string | undefined, url: URL, loopback: boolean): Config["listen"] {
  const urlPort = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  const urlHost = url.hostname.replace(/^\[|\]$/g, "");
  if (!text) return { host: loopback ? (urlHost === "localhost" ? "127.0.0.1" : urlHost) : undefined, port: urlPort };
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]*))(?::(\d{1,5}))?$/i.exec(text);
  const host = match?.[1] ?? match?.[2] ?? "";
  const port = match?.[3] === undefined ? urlPort : Number(match[3]);
  if (!match || port > 65535 || (host !== "" && host !== "localhost" && isIP(host) === 0)) {
    throw new ConfigError("SONDE_LISTEN must be an address, an address and port, or :port, like 0.0.0.0:7878 or [::]:7878");
  }
  return { host: host === "" ? undefined : host, port };
}
