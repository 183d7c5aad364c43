import { spawn } from "node:child_process";
import { closeSync, openSync, readSync, rmSync, statSync, writeSync } from "node:fs";
import { interfaceBlock, packetBlock, pcapHeader, pcapRecord, sectionHeader } from "@sonde/pcapfile";
import { afterAll, describe, expect, test } from "vitest";
import { ether, ipv4, tcp, udp } from "../../../packages/bpf/test/support/frames.ts";
import { gated, needs } from "../../../test/support/needs.ts";
import { bin, openFolder } from "./built.ts";

/*
 * Captures far larger than the memory a command may take. SONDE_LARGE_MB=1024 makes them of 1 GiB:
 * `SONDE_LARGE_MB=1024 npx vitest run apps/agent/test/large.kernel.test.ts`.
 */

const gate = gated(needs.root, needs.btf);
const megabytes = Number(process.env["SONDE_LARGE_MB"] ?? 256);
/** Less than the smallest file: one that is held in memory does not fit. */
const MAX_RSS = 250 << 20;
const FRAME_BYTES = 1460;
const CHUNK_PACKETS = 5_000;
const chunks = Math.ceil((megabytes << 20) / (CHUNK_PACKETS * (FRAME_BYTES + 16)));
const total = chunks * CHUNK_PACKETS;
const folder = openFolder();

const formats = {
  pcap: { head: pcapHeader({ linkType: 1, snaplen: 65_535 }), record: pcapRecord },
  pcapng: {
    head: Buffer.concat([sectionHeader({ application: "test" }), interfaceBlock({ linkType: 1, snaplen: 65_535, name: "eth0" })]),
    record: ({ seconds, wireLen, bytes }: { seconds: number; wireLen: number; bytes: Uint8Array }) =>
      packetBlock({ interfaceId: 0, tsNs: BigInt(seconds) * 1_000_000_000n, wireLen, bytes }),
  },
} as const;
type Format = keyof typeof formats;

/** Every fourth packet is UDP. */
function makeFile(format: Format): string {
  const path = folder.path(`large.${format}`);
  const { head, record } = formats[format];
  const records = Array.from({ length: CHUNK_PACKETS }, (_, i) => {
    const isUdp = i % 4 === 0;
    const payload = Buffer.alloc(FRAME_BYTES - 14 - 20 - (isUdp ? 8 : 20), i);
    const bytes = ether(0x0800, ipv4(isUdp ? { proto: 17, payload: udp({ payload }) } : { proto: 6, payload: tcp({ payload }) }));
    return record({ seconds: i, nanoseconds: 0, wireLen: bytes.length, bytes });
  });
  const chunk = Buffer.concat(records);
  const file = openSync(path, "w");
  writeSync(file, head);
  for (let i = 0; i < chunks; i++) writeSync(file, chunk);
  closeSync(file);
  return path;
}

/** Tells the peak of its resident memory, KiB, on descriptor 3 as it ends (getrusage(2)). */
const meter = `data:text/javascript,${encodeURIComponent('import { writeSync } from "node:fs"; process.on("exit", () => writeSync(3, String(process.resourceUsage().maxRSS)));')}`;

type Measured = { readonly status: unknown; readonly lines: number; readonly last: string; readonly rss: number };

async function measured(args: readonly string[]): Promise<Measured> {
  const out = folder.path("out.txt");
  const file = openSync(out, "w");
  const began = performance.now();
  const child = spawn(process.execPath, ["--import", meter, bin, ...args], { stdio: ["ignore", file, "inherit", "pipe"] });
  closeSync(file);
  let peak = "";
  child.stdio[3]?.on("data", (text: Buffer) => (peak += text.toString()));
  const status = await new Promise((resolve) => child.on("close", resolve));
  const speed = Math.round(total / ((performance.now() - began) / 1000));
  const rss = Number(peak) * 1024;
  process.stdout.write(`${args.join(" ")}: ${total} packets, ${speed} packets/s, peak ${Math.round(rss / 2 ** 20)} MiB\n`);
  return { status, ...linesOf(out), rss };
}

/** How many lines a file has, and its last one; the file may be large itself. */
function linesOf(path: string): { readonly lines: number; readonly last: string } {
  const file = openSync(path, "r");
  const chunk = Buffer.alloc(1 << 20);
  let lines = 0;
  let end = "";
  for (let got = readSync(file, chunk); got > 0; got = readSync(file, chunk)) {
    for (let at = chunk.indexOf(10); at >= 0 && at < got; at = chunk.indexOf(10, at + 1)) lines++;
    end = (end + chunk.toString("utf8", Math.max(0, got - 4096), got)).slice(-4096);
  }
  closeSync(file);
  return { lines, last: end.trimEnd().split("\n").at(-1) ?? "" };
}

describe.skipIf(gate.skip)(gate.name(`captures of ${megabytes} MiB`), () => {
  afterAll(() => folder.close());

  test.each(["pcap", "pcapng"] as const)("%s: read in memory that does not grow with the file", { timeout: 900_000 }, async (format) => {
    const path = makeFile(format);
    expect(statSync(path).size).toBeGreaterThan(MAX_RSS);
    const udpAlone = total / 4;
    const lastUdp = String(total - 3);
    for (const hook of ["xdp", "tc"]) {
      const found = await measured(["filter", "run", "-r", path, "--hook", hook, "udp"]);
      expect(found).toMatchObject({ status: 0, lines: udpAlone, last: lastUdp });
      expect(found.rss).toBeLessThan(MAX_RSS);
    }
    const copy = folder.path(`copy.${format}`);
    const written = await measured(["filter", "run", "-r", path, "-w", copy, "tcp"]);
    expect(written).toMatchObject({ status: 0, lines: total - udpAlone, last: String(total) });
    expect(written.rss).toBeLessThan(MAX_RSS);
    // The copy's records are as long as the file's.
    const { head } = formats[format];
    expect(Math.abs(statSync(copy).size - (3 / 4) * (statSync(path).size - head.length))).toBeLessThan(1000);
    rmSync(copy);
    const decoded = await measured(["decode", "--json", "-r", path]);
    expect(decoded).toMatchObject({ status: 0, lines: total });
    expect(JSON.parse(decoded.last)).toMatchObject({ packet: total, "frame.length": FRAME_BYTES, "network.transport": "tcp" });
    expect(decoded.rss).toBeLessThan(MAX_RSS);
    rmSync(path);
  });
});
