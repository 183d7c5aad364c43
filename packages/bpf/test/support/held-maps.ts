/** Maps of another process, held beyond its death: pinned in a bpffs of their own, read by bpftool. */
import { mkdtempSync, readFileSync, readdirSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { COUNTER_ROW_BYTES, FILTER_ROW_BYTES, counterRowAt } from "../../../protocol/src/layout.ts";
import { type FilterRow, type Row, decodeCounters, decodeFilterCounters } from "./decode.ts";
import { run } from "./netns.ts";

/** Header of what readCounters() and readFilterCounters() answer: boot time, rows, zero. */
const HEADER_BYTES = 16;
const names = ["iface_slots", "set_counters"] as const;

export class HeldMaps {
  readonly #folder = mkdtempSync(join(tmpdir(), "sonde-held-"));

  constructor(pid: number) {
    run("mount", "-t", "bpf", "bpf", this.#folder);
    const ids = new Set(mapsOf(pid));
    const all = JSON.parse(run("bpftool", "-j", "map", "show")) as { id: number; name?: string }[];
    for (const name of names) {
      const found = all.find((map) => ids.has(map.id) && map.name === name);
      if (found === undefined) throw new Error(`process ${pid} has no map ${name}`);
      run("bpftool", "map", "pin", "id", String(found.id), join(this.#folder, name));
    }
  }

  /**
   * The interface's row of one direction, as far as struct sonde_iface (include/engine.h) lies as a counter row does: flags,
   * sizes and malformed headers are left out.
   */
  row(ifindex: number, direction: 1 | 2): Row {
    const value = this.#values("iface_slots").find((sum) => sum.first.readUInt32LE(4) === ifindex && sum.key % 2 === direction % 2);
    if (value === undefined) throw new Error(`nothing was counted on ${ifindex}`);
    const row = Buffer.alloc(COUNTER_ROW_BYTES);
    row.writeUInt32LE(ifindex, 0);
    row.writeUInt8(direction, 4);
    const alike = (counterRowAt.tcpFlags - 8) / 8;
    value
      .counters(8)
      .slice(0, alike)
      .forEach((count, i) => row.writeBigUInt64LE(count, 8 + 8 * i));
    const [decoded] = decodeCounters(rows([row]));
    if (decoded === undefined) throw new Error("no row");
    return decoded;
  }

  /** The first `count` filters of the slot that was used. */
  filters(count: number): FilterRow[] {
    const used = this.#values("set_counters").find((sum) => sum.counters(0).some((value) => value > 0n));
    if (used === undefined) throw new Error("no filter counted anything");
    const words = FILTER_ROW_BYTES / 8 - 1;
    const counters = used.counters(0);
    return decodeFilterCounters(
      rows(
        Array.from({ length: count }, (_, bit) => {
          const row = Buffer.alloc(FILTER_ROW_BYTES);
          row.writeUInt32LE(bit, 4);
          counters.slice(bit * words, (bit + 1) * words).forEach((value, i) => row.writeBigUInt64LE(value, 8 + 8 * i));
          return row;
        }),
      ),
    );
  }

  /** Values of a per-CPU array: the first CPU's bytes, and u64 words from an offset on, added up. */
  #values(name: (typeof names)[number]) {
    type Dumped = { key: string[]; values: { value: string[] }[] };
    const dumped = JSON.parse(run("bpftool", "-j", "map", "dump", "pinned", join(this.#folder, name))) as Dumped[];
    return dumped.map(({ key, values }) => {
      const perCpu = values.map(({ value }) => bytesOf(value));
      const first = perCpu[0] ?? Buffer.alloc(8);
      const counters = (from: number): bigint[] =>
        Array.from({ length: (first.length - from) / 8 }, (_, i) =>
          perCpu.reduce((sum, bytes) => sum + bytes.readBigUInt64LE(from + 8 * i), 0n),
        );
      return { key: bytesOf(key).readUInt32LE(0), first, counters };
    });
  }

  [Symbol.dispose](): void {
    run("umount", this.#folder);
    rmdirSync(this.#folder);
  }
}

const bytesOf = (hex: readonly string[]): Buffer => Buffer.from(hex.map((byte) => Number(byte)));

function rows(list: readonly Buffer[]): ArrayBuffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(list.length, 8);
  return Uint8Array.from(Buffer.concat([header, ...list])).buffer;
}

/** Ids of the maps a process holds (proc(5), fdinfo). */
function mapsOf(pid: number): number[] {
  const folder = `/proc/${pid}/fdinfo`;
  return readdirSync(folder).flatMap((fd) => {
    const [, id] = /^map_id:\s*(\d+)$/m.exec(readFileSync(join(folder, fd), "utf8")) ?? [];
    return id === undefined ? [] : [Number(id)];
  });
}
