/* What dumpcap, the writer behind Wireshark, captures of two wires, and its statistics. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { pcapFile } from "../../../test/support/frames.ts";
import { gated, needs } from "../../../test/support/needs.ts";
import { type Lab, createLab } from "../../../test/support/netns.ts";
import { statisticsBlock } from "../src/index.ts";
import { readAll } from "./support/files.ts";
import { tsharkPackets } from "./support/programs.ts";

const gate = gated(needs.namespaces, needs.dumpcap, needs.tshark, needs.tcpreplay);
const folder = mkdtempSync(join(tmpdir(), "sonde-dumpcap-"));
const wires = ["wire0", "wire1"];
const COUNT = 70;
let lab: Lab;

/** Experimental EtherType 0x88b5 (IEEE 802): nobody answers. */
const frames = Array.from({ length: COUNT }, (_, i) =>
  Buffer.from([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5, ...Array<number>(46 + i).fill(i)]),
);

describe.skipIf(gate.skip)(gate.name("dumpcap's pcapng"), () => {
  beforeAll(() => {
    lab = createLab(["host", "away"]);
    for (const name of wires) lab.link({ ns: "host", name }, { ns: "away", name });
  });
  afterAll(() => {
    lab.close();
    rmSync(folder, { recursive: true });
  });

  test("packets as tshark reads them, and statistics that our writer writes byte for byte", async () => {
    const path = join(folder, "dumpcap.pcapng");
    const filter = "ether proto 0x88b5";
    const options = ["-c", String(wires.length * COUNT), "-w", path];
    const [file = "", ...args] = lab.inside("host", ["dumpcap", "-f", filter, ...wires.flatMap((wire) => ["-i", wire]), ...options]);
    const dumpcap = spawn(file, args, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    dumpcap.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    const exited = new Promise((resolve) => dumpcap.on("exit", resolve));
    await vi.waitFor(() => expect(said).toContain("File: "), { timeout: 20_000, interval: 20 });
    const replayed = join(folder, "replayed.pcap");
    writeFileSync(replayed, pcapFile(frames));
    for (const wire of wires) lab.run("away", ["tcpreplay", "-q", "-K", "--topspeed", "-i", wire, replayed]);
    expect({ status: await exited, said }).toMatchObject({ status: 0 });

    const bytes = readFileSync(path);
    const found = readAll(bytes);
    expect(found.packets).toHaveLength(wires.length * COUNT);
    expect(found.packets).toEqual(tsharkPackets(path));
    expect(found.sections).toMatchObject([{ application: expect.stringContaining("Dumpcap"), os: expect.stringContaining("Linux") }]);
    expect(found.interfaces).toMatchObject(wires.map((name) => ({ name, filter, linkType: 1, os: expect.stringContaining("Linux") })));
    expect(found.statistics).toHaveLength(wires.length);
    for (const { id, ...statistics } of found.statistics) {
      const { startNs, endNs, received, dropped, comments } = statistics;
      expect([received, dropped]).toEqual([BigInt(COUNT), 0n]);
      // dumpcap reads the clock anew for the block's own time, which stands in its third and fourth word
      const [theirs, again] = [
        blockOf(bytes, id),
        statisticsBlock({
          interfaceId: id,
          startNs: startNs ?? 0n,
          endNs: endNs ?? 0n,
          received: received ?? 0n,
          dropped: dropped ?? 0n,
          comments,
        }),
      ];
      expect(again.length).toBe(theirs.length);
      expect(Buffer.from(again).subarray(20)).toEqual(theirs.subarray(20));
    }
  });
});

/** The statistics block of an interface. */
function blockOf(file: Buffer, id: number): Buffer {
  for (let at = 0; at < file.length; at += file.readUInt32LE(at + 4))
    if (file.readUInt32LE(at) === 5 && file.readUInt32LE(at + 8) === id) return file.subarray(at, at + file.readUInt32LE(at + 4));
  throw new Error(`no statistics of interface ${id}`);
}
