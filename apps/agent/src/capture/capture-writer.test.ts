import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readCaptureFile } from "./capture-file.ts";
import { CaptureWriter, LinkTypesError } from "./capture-writer.ts";

const folder = mkdtempSync(join(tmpdir(), "sonde-capture-writer-"));
afterAll(() => rmSync(folder, { recursive: true }));
const packet = (number: number, linkType: number) => ({
  number,
  linkType,
  seconds: 5,
  nanoseconds: 123_456_789,
  wireLen: 99,
  bytes: new Uint8Array([number]),
});

describe("CaptureWriter", () => {
  it.each(["a.pcap", "a.pcapng"])("writes %s so that it reads back", (name) => {
    const path = join(folder, name);
    const writer = new CaptureWriter(path, "sonde-agent 1");
    writer.write(packet(1, 101));
    writer.write(packet(2, 101));
    writer.close();
    expect([...readCaptureFile(path)].flat()).toEqual([packet(1, 101), packet(2, 101)]);
  });

  it.each(["none.pcap", "none.pcapng"])("%s without packets is a capture file too", (name) => {
    new CaptureWriter(join(folder, name), "sonde-agent 1").close();
    expect([...readCaptureFile(join(folder, name))]).toEqual([]);
  });

  it("holds several link types in pcapng only", () => {
    const path = join(folder, "both.pcapng");
    const both = new CaptureWriter(path, "sonde-agent 1");
    both.write(packet(1, 1));
    both.write(packet(2, 101));
    both.close();
    expect([...readCaptureFile(path)].flat().map(({ linkType }) => linkType)).toEqual([1, 101]);
    const one = new CaptureWriter(join(folder, "both.pcap"), "sonde-agent 1");
    one.write(packet(1, 1));
    expect(() => one.write(packet(2, 101))).toThrow(LinkTypesError);
    one.close();
  });
});
