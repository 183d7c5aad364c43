/** What Wireshark's programs and tcpdump say of a capture file. */
import { spawnSync } from "node:child_process";
import { expect } from "vitest";
import type { Packet } from "./files.ts";

/** Standard output; a word of warning is a failure. Both name the file or the user they run as, always. */
export function run(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", maxBuffer: 1 << 27 });
  const warnings = stderr.split("\n").filter((line) => line !== "" && !/^reading from file|^Running as user/.test(line));
  expect({ program, args, status, warnings }).toEqual({ program, args, status: 0, warnings: [] });
  return stdout;
}

const fields = ["frame.interface_id", "frame.time_epoch", "frame.len", "frame.packet_flags_direction", "frame.comment"] as const;
/** Between values of one field: no comment of a test has it. */
const BETWEEN = "\u{1f}";

/** The packets as tshark reads them. */
export function tsharkPackets(path: string): Packet[] {
  const columns = fields.flatMap((field) => ["-e", field]);
  const rows = run("tshark", "-n", "-r", path, "-T", "fields", "-E", `aggregator=${BETWEEN}`, ...columns);
  const bytes = hexOf(path);
  return rows
    .split("\n")
    .slice(0, -1)
    .map((row, i) => {
      const [id = "", time = "", length = "", direction = "", comment = ""] = row.split("\t");
      const [seconds = "", fraction = ""] = time.split(".");
      return {
        interfaceId: Number(id),
        seconds: Number(seconds),
        nanoseconds: Number(fraction.padEnd(9, "0")),
        wireLen: Number(length),
        bytes: bytes[i] ?? new Uint8Array(0),
        comments: comment === "" ? [] : comment.split(BETWEEN),
        direction: Number(direction) === 1 ? "in" : Number(direction) === 2 ? "out" : null,
      };
    });
}

/** The captured bytes of each packet. */
function hexOf(path: string): Uint8Array[] {
  const found = run("tshark", "-n", "-r", path, "-T", "jsonraw", "-J", "frame").matchAll(/"frame_raw": \[\s*"([0-9a-f]*)"/g);
  return [...found].map(([, hex = ""]) => new Uint8Array(Buffer.from(hex, "hex")));
}
