import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CaptureFileError, interfaceBlock, packetBlock, pcapHeader, pcapRecord, sectionHeader } from "@sonde/pcapfile";
import { afterAll, describe, expect, it } from "vitest";
import { readCaptureFile } from "./capture-file.ts";

const folder = mkdtempSync(join(tmpdir(), "sonde-capture-file-"));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, ...parts: Uint8Array[]): string => {
  writeFileSync(join(folder, name), Buffer.concat(parts));
  return join(folder, name);
};
const packet = (i: number) => ({ seconds: i, nanoseconds: i, wireLen: 100, bytes: new Uint8Array(60).fill(i) });

describe("readCaptureFile", () => {
  it("numbers packets from 1 and keeps batches small", () => {
    const path = write(
      "many.pcap",
      pcapHeader({ linkType: 1, snaplen: 0 }),
      ...Array.from({ length: 10_000 }, (_, i) => pcapRecord(packet(i & 255))),
    );
    const batches = [...readCaptureFile(path)];
    expect(batches.map((batch) => batch.length)).toEqual([4096, 4096, 1808]);
    expect(batches.flat().map(({ number }) => number)).toEqual(Array.from({ length: 10_000 }, (_, i) => i + 1));
    expect(batches[1]?.[3]).toMatchObject({ number: 4100, linkType: 1, wireLen: 100, bytes: new Uint8Array(60).fill(4099 & 255) });
  });

  it("gives each batch one link type", () => {
    const about = { snaplen: 0, name: "x" };
    const from = (interfaceId: number) => packetBlock({ interfaceId, tsNs: 1n, wireLen: 60, bytes: new Uint8Array(60) });
    const blocks = [
      sectionHeader({ application: "x" }),
      interfaceBlock({ ...about, linkType: 1 }),
      interfaceBlock({ ...about, linkType: 101 }),
    ];
    const path = write("two.pcapng", ...blocks, from(0), from(0), from(1), from(0));
    expect([...readCaptureFile(path)].map((batch) => batch.map(({ number, linkType }) => [number, linkType]))).toEqual([
      [
        [1, 1],
        [2, 1],
      ],
      [[3, 101]],
      [[4, 1]],
    ]);
  });

  it("hands over what stands before the damage", () => {
    const path = write("cut.pcap", pcapHeader({ linkType: 1, snaplen: 0 }), pcapRecord(packet(1)), pcapRecord(packet(2)).subarray(0, 40));
    const found: number[] = [];
    expect(() => {
      for (const batch of readCaptureFile(path)) found.push(...batch.map(({ number }) => number));
    }).toThrow(CaptureFileError);
    expect(found).toEqual([1]);
    expect(() => [...readCaptureFile(write("no.pcap", Buffer.from("not a capture")))]).toThrow("neither pcap nor pcapng");
  });
});
