import { closeSync, constants, fstatSync, mkdirSync, openSync, readSync, renameSync, type Stats, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Passport } from "@sonde/protocol";
import { z } from "zod";
import { CommandError, UsageError } from "./usage-error.ts";

/** What may leave this host whatever its hub asks for, unless --limits names another file. */
export const DEFAULT_LIMIT_FILE = "/etc/sonde/limits.json";
/** Without a file: headers. */
export const DEFAULT_SNAPLEN = 128;
const MAX_BYTES = 4096;
const ROOT = 0;
/** Write permission of the group and of all others. */
const OTHERS_WRITE = 0o022;

/** The most bytes of one packet that may leave this host. Names that are not known are refused: they mean to limit something. */
const limitsSchema = z.strictObject({ snaplen: z.number().int().min(0).max(4096) });
export type HostLimits = z.infer<typeof limitsSchema>;

/** Text of a limit file. */
export const limitsText = (limits: HostLimits): string => `${JSON.stringify(limits)}\n`;

/** Writes a limit file at once or not at all: root's own act, on the host itself. Throws CommandError. */
export function writeLimits(file: string, limits: HostLimits): void {
  if (process.getuid?.() !== ROOT) throw new CommandError(`${file} is root's to write: its limits hold for whoever uses the hub`);
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    writeFileSync(`${file}.new`, limitsText(limits), { mode: 0o644 });
    renameSync(`${file}.new`, file);
  } catch (error) {
    throw new CommandError(`cannot write the limits: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Reads a limit file; the default limits when it is not there, unless it was asked for by name. Throws UsageError. */
export function readLimits(file: string, asked: boolean): HostLimits {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK); // a pipe must not hold the agent up
  } catch (error) {
    if (!asked && error instanceof Error && "code" in error && error.code === "ENOENT") return { snaplen: DEFAULT_SNAPLEN };
    throw new UsageError(`cannot read the limits: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    const fault = faultOf(fstatSync(fd));
    if (fault !== null) throw new UsageError(`${file} is refused: ${fault}`);
    const bytes = Buffer.alloc(MAX_BYTES);
    return parseLimits(bytes.toString("utf8", 0, readSync(fd, bytes, 0, MAX_BYTES, 0)), file);
  } finally {
    closeSync(fd);
  }
}

/** Why nobody can rely on a file of this kind; null: root alone has written it. */
export function faultOf(found: Pick<Stats, "uid" | "mode" | "size" | "isFile">): string | null {
  if (!found.isFile()) return "it is not a file";
  if (found.uid !== ROOT) return `it belongs to user ${found.uid}, not to root`;
  if ((found.mode & OTHERS_WRITE) !== 0) return "others than root may write it (chmod go-w)";
  return found.size > MAX_BYTES ? `it is larger than ${MAX_BYTES} bytes` : null;
}

/** Throws UsageError. */
export function parseLimits(text: string, file: string): HostLimits {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new UsageError(`${file} is no JSON, like {"snaplen": ${DEFAULT_SNAPLEN}}`);
  }
  const parsed = limitsSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new UsageError(`${file} wants {"snaplen": N}, N from 0 to 4096 bytes of a packet, and nothing else`);
}

export type LimitFileOptions = {
  readonly file: string;
  /** It was asked for by name, so it has to be there. */
  readonly asked: boolean;
  /** The file cannot be used as it is now: the smaller of what it said last and the default holds. Once for each such state. */
  readonly onTrouble: (reason: string) => void;
};

/** Reads the limits now, and answers how to read them again. Throws UsageError; what it answers throws nothing. */
export function openLimitFile({ file, asked, onTrouble }: LimitFileOptions): () => HostLimits {
  let limits = readLimits(file, asked);
  let told = "";
  return () => {
    try {
      limits = readLimits(file, asked);
      told = "";
    } catch (error) {
      limits = { snaplen: Math.min(limits.snaplen, DEFAULT_SNAPLEN) };
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== told) onTrouble(reason);
      told = reason;
    }
    return limits;
  };
}

/** A passport that says how much of a packet may leave this host. */
export function withPayload(passport: Passport, { snaplen }: HostLimits): Passport {
  const detail = snaplen === 0 ? "none: addresses and ports alone leave this host" : `at most ${snaplen} bytes of a packet leave this host`;
  return { ...passport, facts: [...passport.facts.slice(0, 63), { id: "payload", label: "Payload", ok: true, detail }] };
}
