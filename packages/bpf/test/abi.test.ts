import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import counters from "../../protocol/vectors/counters.json" with { type: "json" };
import filterCounters from "../../protocol/vectors/filter-counters.json" with { type: "json" };
import flows from "../../protocol/vectors/flows.json" with { type: "json" };
import records from "../../protocol/vectors/records.json" with { type: "json" };
import {
  COUNTER_ROW_BYTES,
  FILTER_ROW_BYTES,
  FLOW_BYTES,
  FLOW_KEY_BYTES,
  TUNNEL_BYTES,
  counterRowAt,
  filterRowAt,
  flowAt,
  headerAt,
  parseErrors,
  protoClasses,
  recordAt,
  sizeClasses,
  tcpFlagNames,
  tunnelAt,
} from "../../protocol/src/layout.ts";
import { IFACE_UNMATCHED_AT, WINDOW_BYTES, scratchAt } from "../src/translate/layout.ts";

type Struct = { size: number; fields: Record<string, [offset: number, size: number]> };
const compiled = JSON.parse(execFileSync(fileURLToPath(new URL("../build/abi_layout", import.meta.url)), { encoding: "utf8" })) as Record<
  | "sonde_record"
  | "sonde_tunnel"
  | "sonde_batch_header"
  | "sonde_counter_row"
  | "sonde_flow"
  | "sonde_filter_row"
  | "sonde_iface"
  | "sonde_scratch",
  Struct
>;

/** recLen → rec_len, sportBe → sport */
const cName = (name: string): string => name.replace(/Be$/, "").replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
const offsets = (layout: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(layout).map(([name, at]) => [cName(name), at]));
const compiledOffsets = (struct: Struct): Record<string, number> =>
  Object.fromEntries(
    Object.entries(struct.fields)
      .filter(([name]) => !name.endsWith("reserved"))
      .map(([name, [at]]) => [name.replace(/^(c|n|key)\./, ""), at]),
  );
const withoutReserved = (layout: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(layout).filter(([name]) => !/reserved$/i.test(name)));

describe("abi.h as compiled and the codec's layout agree (SPEC 2)", () => {
  test("record", () => expect(offsets(recordAt)).toEqual(compiledOffsets(compiled.sonde_record)));
  test("tunnel", () => {
    expect(offsets(tunnelAt)).toEqual(compiledOffsets(compiled.sonde_tunnel));
    expect(compiled.sonde_tunnel.size).toBe(TUNNEL_BYTES);
  });
  test("batch header", () => expect(offsets(withoutReserved(headerAt))).toEqual(compiledOffsets(compiled.sonde_batch_header)));
  test("counter row", () => {
    const { protoStride, verdictStride, ...at } = counterRowAt;
    const { fields, size } = compiled.sonde_counter_row;
    expect(offsets(withoutReserved(at))).toEqual(compiledOffsets(compiled.sonde_counter_row));
    expect([size, verdictStride]).toEqual([COUNTER_ROW_BYTES, protoStride * protoClasses.length]);
    expect(fields["c.proto"]?.[1]).toBe(2 * verdictStride);
    expect([tcpFlagNames, sizeClasses, parseErrors].map((names) => names.length * 8)).toEqual(
      ["c.tcp_flags", "c.sizes", "c.malformed"].map((name) => fields[name]?.[1]),
    );
  });
  test("flow", () => {
    expect(offsets(withoutReserved(flowAt))).toEqual(compiledOffsets(compiled.sonde_flow));
    const { fields, size } = compiled.sonde_flow;
    expect([flowAt.keyReserved, flowAt.reserved]).toEqual([fields["key.reserved"]?.[0], fields["reserved"]?.[0]]);
    expect([size, fields["first_ns"]?.[0]]).toEqual([FLOW_BYTES, FLOW_KEY_BYTES]);
  });
  test("filter row", () => {
    expect(offsets(filterRowAt)).toEqual(compiledOffsets(compiled.sonde_filter_row));
    expect(compiled.sonde_filter_row.size).toBe(FILTER_ROW_BYTES);
  });
  test("scratch of generated programs", () => {
    expect(compiledOffsets(compiled.sonde_scratch)).toMatchObject(offsets(scratchAt));
    expect(compiled.sonde_scratch.fields["window"]?.[1]).toBe(WINDOW_BYTES);
    expect(compiled.sonde_iface.fields["c.unmatched"]?.[0]).toBe(IFACE_UNMATCHED_AT);
  });
  const sent = Object.entries(compiled).filter(([name]) => name !== "sonde_scratch" && name !== "sonde_iface");
  test.each(sent)("%s has no hidden padding", (_name, struct) => {
    let end = 0;
    for (const [at, size] of Object.values(struct.fields)) {
      expect(at).toBe(end);
      end = at + size;
    }
    expect(end).toBe(struct.size);
  });
});

/** Reads a struct out of bytes by the offsets and sizes the compiler gave it; big-endian where abi.h says so. */
function readStruct(struct: Struct, bytes: Buffer, expected: Record<string, unknown>): Record<string, unknown> {
  const bigEndian = new Set(["sport", "dport", "eth_proto"]);
  return Object.fromEntries(
    Object.keys(expected).map((name) => {
      const [at, size] = struct.fields[name] ??
        struct.fields[`key.${name}`] ??
        struct.fields[`n.${name}`] ??
        struct.fields[`c.${name}`] ?? [0, 0];
      if (size === 16) return [name, bytes.toString("hex", at, at + size)];
      if (size === 8) return [name, String(bytes.readBigUInt64LE(at))];
      return [name, bigEndian.has(name) ? bytes.readUIntBE(at, size) : bytes.readUIntLE(at, size)];
    }),
  );
}

describe("golden vectors through the compiled structs (SPEC 2)", () => {
  test.each([records, counters, flows, filterCounters])("header of $name", (vector) => {
    const bytes = Buffer.from(vector.hex, "hex");
    expect(readStruct(compiled.sonde_batch_header, bytes, vector.header)).toEqual(vector.header);
  });
  test("records", () => {
    let bytes = Buffer.from(records.hex, "hex").subarray(compiled.sonde_batch_header.size);
    for (const { captured, tunnel, ...expected } of records.records) {
      expect(readStruct(compiled.sonde_record, bytes, expected)).toEqual(expected);
      const from = compiled.sonde_record.size;
      expect(bytes.toString("hex", from, from + expected.cap_len)).toBe(captured);
      const end = expected.rec_len - (tunnel === undefined ? 0 : compiled.sonde_tunnel.size);
      if (tunnel !== undefined) expect(readStruct(compiled.sonde_tunnel, bytes.subarray(end), tunnel)).toEqual(tunnel);
      bytes = bytes.subarray(expected.rec_len);
    }
    expect(bytes).toHaveLength(0);
  });
  test.each([
    { vector: flows, rows: flows.flows, struct: compiled.sonde_flow },
    { vector: filterCounters, rows: filterCounters.rows, struct: compiled.sonde_filter_row },
  ])("rows of $vector.name", ({ vector, rows, struct }) => {
    const bytes = Buffer.from(vector.hex, "hex").subarray(compiled.sonde_batch_header.size);
    rows.forEach((expected, i) => expect(readStruct(struct, bytes.subarray(i * struct.size), expected)).toEqual(expected));
    expect(bytes).toHaveLength(rows.length * struct.size);
  });
  test("counter rows", () => {
    const struct = compiled.sonde_counter_row;
    const bytes = Buffer.from(counters.hex, "hex").subarray(compiled.sonde_batch_header.size);
    counters.rows.forEach((expected, i) => {
      const row = bytes.subarray(i * struct.size, (i + 1) * struct.size);
      const words = (name: string): number[] => {
        const [at, size] = struct.fields[`c.${name}`] ?? [0, 0];
        return Array.from({ length: size / 8 }, (_, w) => Number(row.readBigUInt64LE(at + w * 8)));
      };
      const { ifindex, direction, hook, ...counts } = expected;
      expect(readStruct(struct, row, { ifindex, direction, hook })).toEqual({ ifindex, direction, hook });
      for (const [name, value] of Object.entries(counts)) expect(words(name)).toEqual([value].flat(3));
    });
  });
});
