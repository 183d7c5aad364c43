/** The built agent as a user runs it, and files for its commands. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Packet } from "../../../packages/pcapfile/test/support/files.ts";
import { generatePackets } from "../../../test/support/generate.ts";
import type { Random } from "../../../test/support/random.ts";

export const bin = fileURLToPath(new URL("../bin/sonde-agent.mjs", import.meta.url));

export type Ended = { readonly status: number | null; readonly stdout: Buffer; readonly stderr: string };

/** Runs `sonde-agent ARGS` to its end. */
export function agent(args: readonly string[], input: Uint8Array = new Uint8Array()): Ended {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [bin, ...args], { input, maxBuffer: 1 << 30 });
  if (error !== undefined) throw error;
  return { status, stdout, stderr: stderr.toString("utf8") };
}

/** The 1-based numbers that `filter run` printed. */
export const numbers = ({ stdout }: Ended): number[] => stdout.toString("utf8").split("\n").filter(Boolean).map(Number);

/** A folder of files for one test file; close() removes it. */
export function openFolder(): { path(name: string): string; write(name: string, ...parts: Uint8Array[]): string; close(): void } {
  const folder = mkdtempSync(join(tmpdir(), "sonde-commands-"));
  const path = (name: string): string => join(folder, name);
  return {
    path,
    write: (name, ...parts) => {
      writeFileSync(path(name), Buffer.concat(parts));
      return path(name);
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** No hook's test runs take more: a page, less what the kernel keeps of it for itself. */
const MAX_BYTES = 3500;

/** Generated Ethernet packets that both hooks take, some cut by the capture, one a microsecond and some nanoseconds. */
export function somePackets(random: Random, count: number): Packet[] {
  return generatePackets(random, 2 * count)
    .filter(({ bytes }) => bytes.length <= MAX_BYTES)
    .slice(0, count)
    .map(({ bytes, wireLen }, i) => ({
      interfaceId: 0,
      seconds: 1_700_000_000,
      nanoseconds: i * 1000 + (i % 1000),
      wireLen,
      bytes: Uint8Array.from(bytes),
      comments: [],
      direction: null,
    }));
}

export const micros = (packets: readonly Packet[]): Packet[] =>
  packets.map((packet) => ({ ...packet, nanoseconds: Math.floor(packet.nanoseconds / 1000) * 1000 }));

/** Ids of the processes whose program is this file. */
export function processesOf(program: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/exe`) === program;
    } catch {
      return false; // it ended, or is none
    }
  });
}
