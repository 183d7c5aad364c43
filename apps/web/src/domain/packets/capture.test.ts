import { interfaceBlock, packetBlock, sectionHeader } from "@sonde/pcapfile";
import { expect, test } from "vitest";
import { chooseSeed, seeded } from "../../../../../test/support/random.ts";
import { TableReader } from "./capture.ts";
import { PacketTable } from "./table.ts";

const seed = chooseSeed(process.env["SONDE_SEED"]);
const ETHERNET = 1;

test(`a file that is given away piece by piece is held as one that is copied (SONDE_SEED=${seed})`, () => {
  const random = seeded(seed);
  const frames = Array.from({ length: 400 }, (_, i) => random.bytes(i % 50 === 0 ? random.between(5_000, 20_000) : random.between(0, 300)));
  const blocks = frames.map((bytes, i) => packetBlock({ interfaceId: 0, tsNs: BigInt(i), wireLen: bytes.length, bytes }));
  const file = Buffer.concat([
    sectionHeader({ application: "test" }),
    interfaceBlock({ linkType: ETHERNET, snaplen: 0, name: "eth0" }),
    ...blocks,
  ]);
  for (const most of [40, 700, 9_000, file.length]) {
    const table = new PacketTable();
    const reader = new TableReader(table);
    for (let at = 0, next = 0; at < file.length; at = next) {
      next = Math.min(file.length, at + random.between(1, most));
      reader.give(Uint8Array.prototype.slice.call(file, at, next));
    }
    reader.end();
    expect(Array.from({ length: table.length }, (_, row) => hex(table.bytes(row)))).toEqual(frames.map(hex));
  }
});

test("a table holds what comes, however many packets were expected", () => {
  const packet = packetBlock({ interfaceId: 0, tsNs: 5n, wireLen: 60, bytes: new Uint8Array(60) });
  const head = Buffer.concat([sectionHeader({ application: "test" }), interfaceBlock({ linkType: ETHERNET, snaplen: 0, name: "eth0" })]);
  for (const share of [0, 0.1, 1, 10]) {
    const table = new PacketTable();
    const reader = new TableReader(table);
    reader.push(head);
    for (let i = 1; i <= 20_000; i++) {
      reader.push(packet);
      reader.expect(i, share * 20_000);
    }
    reader.end();
    expect(table.length).toBe(20_000);
    for (const row of [0, 4_095, 4_096, 19_999]) expect([table.timeNs(row), table.columns.wireLen[row]]).toEqual([5n, 60]);
  }
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
