import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, type Config } from "./config.ts";
import { keyPin, makeKey, selfSign } from "./self-signed.ts";

export type Tls = {
  readonly cert: string;
  readonly key: string;
  /** Set only for a certificate of the hub's own making. */ readonly pin: string | null;
};

/** Reads a file of the hub's own, or makes it, mode 0600, never overwriting one that another process made first. */
function ownFile(dataDir: string, name: string, make: () => string): string {
  const path = join(dataDir, name);
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      if (!isCode(error, "ENOENT")) throw error;
    }
    try {
      writeFileSync(path, make(), { mode: 0o600, flag: "wx" });
    } catch (error) {
      if (!isCode(error, "EEXIST")) throw error;
    }
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError(`SONDE_DATA: cannot read or write ${path} (${error instanceof Error ? error.message : "unknown"})`);
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** The secret that signs session cookies, made at the first start. */
export function readSecret(dataDir: string): string {
  return ownFile(dataDir, "secret", () => `${randomBytes(32).toString("base64url")}\n`).trim();
}

/** Key and certificate to serve with; null for plain HTTP. The self-made certificate is signed anew at each start. */
export function readTlsFiles(config: Config, now: Date): Tls | null {
  switch (config.tls.kind) {
    case "none":
      return null;
    case "given":
      return { cert: readGiven(config.tls.certFile, "SONDE_TLS_CERT"), key: readGiven(config.tls.keyFile, "SONDE_TLS_KEY"), pin: null };
    case "self-made": {
      const key = ownFile(config.dataDir, "tls.key", makeKey);
      const cert = selfSign(key, new URL(config.url).hostname.replace(/^\[|\]$/g, ""), now);
      return { cert, key, pin: keyPin(cert) };
    }
  }
}

function readGiven(path: string, setting: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError(`${setting}: cannot read ${path} (${error instanceof Error ? error.message : "unknown"})`);
  }
}
