import { readFileSync } from "node:fs";
import type { Passport } from "@sonde/protocol";
import { prepareStateDir, readCredential, writeCredential } from "../control/credential.ts";
import { enrol } from "../control/enrol.ts";
import { parseHubUrl } from "../control/hub-url.ts";
import { readLimits, withPayload, writeLimits } from "../control/limits.ts";
import { CommandError, UsageError } from "../control/usage-error.ts";
import { createDialAgent } from "../uplink/dialer.ts";
import { isPin } from "../uplink/pin.ts";
import { postJson } from "../uplink/post-json.ts";

export type EnrolFlags = {
  readonly hub: string;
  readonly tokenFile: string;
  readonly pin?: string;
  readonly name?: string;
  readonly state: string;
  readonly force?: boolean;
  /** The most bytes of a packet that may leave this host: written into the limit file. */
  readonly maxSnaplen?: number;
};
export type EnrolDeps = {
  readonly passport: () => Passport;
  readonly progress: (line: string) => void;
  readonly ca?: readonly string[] | undefined;
  readonly limitFile: string;
};

/** `sonde-agent enrol`: spends the token and keeps the credential. Throws UsageError or CommandError. */
export async function runEnrol(flags: EnrolFlags, deps: EnrolDeps): Promise<void> {
  const hub = parseHubUrl(flags.hub);
  const pin = flags.pin ?? null;
  if (pin !== null && !isPin(pin)) throw new UsageError("--pin wants sha256// and 44 characters of base64");
  if (pin !== null && hub.protocol !== "https:") throw new UsageError("--pin needs an https:// hub");
  if (flags.force !== true) {
    const before = readCredential(flags.state);
    if (before !== null) throw new CommandError(`this host is enrolled at ${before.hub} as ${before.name} already; --force enrols it anew`);
  }
  const token = readToken(flags.tokenFile);
  prepareStateDir(flags.state);
  if (flags.maxSnaplen !== undefined) writeLimits(deps.limitFile, { snaplen: flags.maxSnaplen });
  const passport = withPayload(deps.passport(), readLimits(deps.limitFile, false));
  deps.progress(`Enrolling at ${hub.origin}${pin === null ? "" : ", whose key is pinned"}`);
  const agent = createDialAgent({ url: hub, pin: pin ?? undefined, ca: deps.ca });
  const credential = await enrol({
    hub,
    pin,
    token,
    hostname: flags.name ?? passport.hostname,
    passport,
    now: () => new Date(),
    post: (url, body) => postJson(url, body, agent),
  });
  writeCredential(flags.state, credential);
  deps.progress(`Enrolled as ${credential.name} (${credential.hostId})`);
}

/** "-" is standard input. The token never appears in an error. */
function readToken(path: string): string {
  let text: string;
  try {
    text = readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    throw new CommandError(
      `cannot read the token from ${path === "-" ? "standard input" : path}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const token = text.trim();
  if (token === "") throw new UsageError("the token is empty: pass it on standard input, or with --token-file FILE");
  return token;
}
