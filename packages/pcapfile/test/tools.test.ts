/** Files of other programs, and what they say of ours. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { gated, needs } from "../../../test/support/needs.ts";
import { pcapHeader, pcapRecord } from "../src/index.ts";
import { pcapng, readAll, somePackets } from "./support/files.ts";

const gate = gated(needs.tshark, needs.tcpdump);
const packets = somePackets(25);
const plain = packets.map((packet) => ({ ...packet, comment: null }));
const inMicroseconds = plain.map((packet) => ({ ...packet, nanoseconds: Math.floor(packet.nanoseconds / 1000) * 1000 }));

describe.skipIf(gate.skip)(gate.name("files of other programs"), () => {
  const folder = mkdtempSync(join(tmpdir(), "sonde-pcapfile-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const path = (name: string): string => join(folder, name);
  /** Standard output; a word of warning is a failure. tcpdump names the file it reads, always. */
  const run = (program: string, ...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
    const warnings = stderr.split("\n").filter((line) => line !== "" && !/^reading from file|^Running as user/.test(line));
    expect({ program, args, status, warnings }).toEqual({ program, args, status: 0, warnings: [] });
    return stdout;
  };
  const ours = path("ours.pcapng");
  writeFileSync(ours, pcapng(packets));
  const classic = path("ours.pcap");
  writeFileSync(classic, Buffer.concat([pcapHeader({ linkType: 1, snaplen: 262_144 }), ...plain.map(pcapRecord)]));

  test.each([
    ["pcap", inMicroseconds],
    ["nsecpcap", plain],
    ["modpcap", inMicroseconds],
    ["pcapng", packets],
  ] as const)("editcap's %s", (format, expected) => {
    run("editcap", "-F", format, ours, path(`edited.${format}`));
    expect(readAll(readFileSync(path(`edited.${format}`))).packets).toEqual(expected);
  });

  test("tcpdump's own, and mergecap's of two files", () => {
    run("tcpdump", "-r", ours, "-w", path("tcpdump.pcap"));
    expect(readAll(readFileSync(path("tcpdump.pcap"))).packets).toEqual(inMicroseconds);
    run("mergecap", "-a", "-w", path("merged.pcapng"), ours, classic);
    const merged = readAll(readFileSync(path("merged.pcapng")));
    expect(merged.packets.map(({ bytes }) => bytes)).toEqual([...packets, ...plain].map(({ bytes }) => bytes));
  });

  test.each([ours, classic])("capinfos and tshark read %s without a warning, and see what we wrote", (file) => {
    const facts = run("capinfos", "-M", "-c", "-d", "-a", "-S", file);
    expect(facts).toMatch(/Number of packets:\s+25\n/);
    expect(facts).toMatch(/(Earliest|First) packet time:\s+1700000000\.000000000\n/);
    const fields = ["frame.time_epoch", "frame.len", "frame.cap_len"].flatMap((field) => ["-e", field]);
    const rows = run("tshark", "-r", file, "-T", "fields", ...fields)
      .trim()
      .split("\n");
    expect(rows).toEqual(
      packets.map(
        ({ seconds, nanoseconds, wireLen, bytes }) => `${seconds}.${String(nanoseconds).padStart(9, "0")}\t${wireLen}\t${bytes.length}`,
      ),
    );
  });

  test("capinfos finds interface, filter and drops in our pcapng", () => {
    const facts = run("capinfos", "-M", ours);
    for (const text of ["Name = host1/eth0", "Description = uplink", "Filter string = tcp port 443", "ünïcode"])
      expect(facts).toContain(text);
  });
});
