import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import counters from "../../protocol/vectors/counters.json" with { type: "json" };
import records from "../../protocol/vectors/records.json" with { type: "json" };
import { FILTER_ROW_BYTES, counterRowAt, filterRowAt, headerAt, recordAt } from "../../protocol/src/layout.ts";
import { IFACE_UNMATCHED_AT, WINDOW_BYTES, scratchAt } from "../src/translate/layout.ts";

type Struct = { size: number; fields: Record<string, [offset: number, size: number]> };
const compiled = JSON.parse(execFileSync(fileURLToPath(new URL("../build/abi_layout", import.meta.url)), { encoding: "utf8" })) as Record<
  "sonde_record" | "sonde_batch_header" | "sonde_counter_row" | "sonde_filter_row" | "sonde_iface" | "sonde_scratch",
  Struct
>;

/** recLen → rec_len, sportBe → sport */
const cName = (name: string): string => name.replace(/Be$/, "").replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
const offsets = (layout: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(layout).map(([name, at]) => [cName(name), at]));
const compiledOffsets = (struct: Struct): Record<string, number> =>
  Object.fromEntries(
    Object.entries(struct.fields)
      .filter(([name]) => name !== "reserved")
      .map(([name, [at]]) => [name.replace(/^c\./, ""), at]),
  );

describe("abi.h as compiled and the codec's layout agree (SPEC 2)", () => {
  test("record", () => expect(offsets(recordAt)).toEqual(compiledOffsets(compiled.sonde_record)));
  test("batch header", () => expect(offsets(headerAt)).toEqual(compiledOffsets(compiled.sonde_batch_header)));
  test("counter row", () => {
    const { protoStride, ...at } = counterRowAt;
    expect(offsets(at)).toEqual(compiledOffsets(compiled.sonde_counter_row));
    expect(compiled.sonde_counter_row.fields["c.proto"]?.[1]).toBe(protoStride * 10);
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
  test.each(Object.entries(compiled))("%s has no hidden padding", (_name, struct) => {
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
      const [at, size] = struct.fields[name] ?? [0, 0];
      if (size === 16) return [name, bytes.toString("hex", at, at + size)];
      if (size === 8) return [name, String(bytes.readBigUInt64LE(at))];
      return [name, bigEndian.has(name) ? bytes.readUIntBE(at, size) : bytes.readUIntLE(at, size)];
    }),
  );
}

describe("golden vectors through the compiled structs (SPEC 2)", () => {
  test.each([records, counters])("header of $name", (vector) => {
    const bytes = Buffer.from(vector.hex, "hex");
    expect(readStruct(compiled.sonde_batch_header, bytes, vector.header)).toEqual(vector.header);
  });
  test("records", () => {
    let bytes = Buffer.from(records.hex, "hex").subarray(compiled.sonde_batch_header.size);
    for (const { captured, ...expected } of records.records) {
      expect(readStruct(compiled.sonde_record, bytes, expected)).toEqual(expected);
      const from = compiled.sonde_record.size;
      expect(bytes.toString("hex", from, from + expected.cap_len)).toBe(captured);
      bytes = bytes.subarray(expected.rec_len);
    }
    expect(bytes).toHaveLength(0);
  });
});
