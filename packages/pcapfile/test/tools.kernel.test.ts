/** Files of other programs as tshark reads them, and what those programs say of ours. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { gated, needs } from "../../../test/support/needs.ts";
import { pcapHeader, pcapRecord } from "../src/index.ts";
import { type Packet, pcapng, readAll, someInterface, somePackets } from "./support/files.ts";
import { run, tsharkPackets } from "./support/programs.ts";
import { swappedPcap, swappedPcapng } from "./support/swap.ts";

const gate = gated(needs.tshark, needs.tcpdump);
const packets = somePackets(25);
const plain = packets.map((packet): Packet => ({ ...packet, comments: [], direction: null }));
const inMicroseconds = (list: readonly Packet[]): Packet[] =>
  list.map((packet) => ({ ...packet, nanoseconds: Math.floor(packet.nanoseconds / 1000) * 1000 }));

describe.skipIf(gate.skip)(gate.name("files of other programs"), () => {
  const folder = mkdtempSync(join(tmpdir(), "sonde-pcapfile-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const path = (name: string): string => join(folder, name);
  const written = (name: string, bytes: Uint8Array): string => {
    writeFileSync(path(name), bytes);
    return path(name);
  };
  const ours = written("ours.pcapng", pcapng(packets));
  const classic = written("ours.pcap", Buffer.concat([pcapHeader({ linkType: 1, snaplen: 262_144 }), ...plain.map(pcapRecord)]));

  /** Read by us as by tshark, and as `expected`, in this byte order and in the other. */
  function agrees(file: string, expected: readonly Packet[]): void {
    expect(readAll(readFileSync(file)).packets).toEqual(expected);
    expect(tsharkPackets(file)).toEqual(expected);
    const bytes = readFileSync(file);
    const swapped = written(`${file.slice(folder.length + 1)}.swapped`, (bytes[0] === 0x0a ? swappedPcapng : swappedPcap)(bytes));
    expect(readAll(readFileSync(swapped)).packets).toEqual(expected);
    expect(tsharkPackets(swapped)).toEqual(expected);
  }

  test.each([
    ["pcap", inMicroseconds(plain)],
    ["nsecpcap", plain],
    ["pcapng", packets],
  ] as const)("editcap's %s", (format, expected) => {
    run("editcap", "-F", format, ours, path(`edited.${format}`));
    agrees(path(`edited.${format}`), expected);
  });

  test("editcap's modpcap, of the longer record headers", () => {
    run("editcap", "-F", "modpcap", ours, path("edited.modpcap"));
    const { packets: found } = readAll(readFileSync(path("edited.modpcap")));
    expect(found).toEqual(inMicroseconds(plain));
    expect(tsharkPackets(path("edited.modpcap"))).toEqual(found);
  });

  test("tcpdump's, of microseconds and of nanoseconds", () => {
    run("tcpdump", "-r", ours, "-w", path("micro.pcap"));
    agrees(path("micro.pcap"), inMicroseconds(plain));
    run("tcpdump", "-r", ours, "--time-stamp-precision", "nano", "-w", path("nano.pcap"));
    agrees(path("nano.pcap"), plain);
  });

  test("mergecap's of two files, one behind the other and by time", () => {
    run("mergecap", "-a", "-w", path("appended.pcapng"), ours, classic);
    const appended = readAll(readFileSync(path("appended.pcapng"))).packets;
    expect(appended.map(({ bytes }) => bytes)).toEqual([...packets, ...plain].map(({ bytes }) => bytes));
    run("mergecap", "-w", path("merged.pcapng"), ours, classic);
    for (const name of ["appended.pcapng", "merged.pcapng"]) agrees(path(name), tsharkPackets(path(name)));
  });

  test.each([ours, classic])("capinfos and tshark read %s without a warning, and see what we wrote", (file) => {
    const facts = run("capinfos", "-M", "-c", "-d", "-a", "-S", file);
    expect(facts).toMatch(/Number of packets:\s+25\n/);
    expect(facts).toMatch(/(Earliest|First) packet time:\s+1700000000\.000000000\n/);
    expect(tsharkPackets(file)).toEqual(file === ours ? packets : plain);
  });

  test("capinfos finds what our pcapng says of its section and interface", () => {
    const facts = run("capinfos", "-M", ours);
    for (const line of [
      /Capture hardware: +x86_64/,
      /Capture oper-sys: +Linux/,
      /Capture application: +sonde/,
      /Capture comment: +ünïcode/,
      /Name = host1\/eth0/,
      /Description = uplink/,
      /Hardware = virtio/,
      /Speed = 10000000000/,
      /Time resolution = 0x09/,
      /Filter string = tcp port 443/,
      /Operating system = Linux 6\.18/,
      /Comment = clock \+3 ms/,
      /Number of stat entries = 1/,
    ])
      expect(facts).toMatch(line);
  });

  test("the interface is the same after editcap has read it and written it again", () => {
    run("editcap", "-F", "pcapng", ours, path("again.pcapng"));
    expect(readAll(readFileSync(path("again.pcapng"))).interfaces).toEqual([{ id: 0, ...someInterface }]);
  });
});
