import { BATCH_HEADER_BYTES, COUNTER_ROW_BYTES, Direction, counterRowAt, protoClasses, verdicts } from "@sonde/protocol";
import { CopyRows, MAX_I64, countsInRange, u64At } from "./copy-rows.ts";
import { countAt, counterColumns, sideColumns, sides } from "./counter-columns.ts";
import type { CounterSums, Encoded, EncodeInput } from "./series.ts";

const ROW_BYTES = 2 + 4 * counterColumns.length + 8 + 16 + 4 + 8 * (counterColumns.length - 3);

type Pair = { rx: number; tx: number };

/**
 * Rows of a checked counter batch, one per interface, read straight from the batch: no object and no bigint per count;
 * zero becomes NULL.
 */
export function encodeCounters(input: EncodeInput): Encoded {
  const { view, header } = input;
  if (header.lastNs < header.firstNs || header.lastNs > MAX_I64) return { ok: false, code: "BATCH_RECORD" };
  const pairs = new Map<number, Pair>();
  for (let i = 0; i < header.count; i++) {
    const at = BATCH_HEADER_BYTES + i * COUNTER_ROW_BYTES;
    const ifindex = view.getUint32(at + counterRowAt.ifindex, true);
    const side = view.getUint8(at + counterRowAt.direction) === Direction.ingress ? "rx" : "tx";
    if (!countsInRange(view, at + counterRowAt.proto, at + COUNTER_ROW_BYTES)) return { ok: false, code: "BATCH_RECORD" };
    if (!input.interfaces.has(ifindex)) return { ok: false, code: "BATCH_INTERFACE" };
    const pair = pairs.get(ifindex) ?? { rx: 0, tx: 0 };
    if (pair[side] !== 0) return { ok: false, code: "BATCH_RECORD" };
    pair[side] = at;
    pairs.set(ifindex, pair);
  }
  return { ok: true, value: write(input, pairs) };
}

function write(input: EncodeInput, pairs: ReadonlyMap<number, Pair>): Extract<Encoded, { ok: true }>["value"] {
  const { view, header } = input;
  const out = new CopyRows(pairs.size * ROW_BYTES);
  const sums: CounterSums = {
    seen: 0,
    unmatched: 0,
    sampledOut: 0,
    ringLost: 0,
    noReader: 0,
    delivered: 0,
    unflowed: 0,
    nonFlow: 0,
    uplinkPackets: 0,
    uplinkBytes: 0,
  };
  const intervalNs = header.lastNs - header.firstNs;
  for (const [ifindex, pair] of pairs) {
    out.row(counterColumns.length);
    out.time(input.atUs);
    out.uuid(input.hostUuid);
    out.i32(input.interfaces.get(ifindex)!);
    out.big(intervalNs);
    out.big(header.lastNs);
    for (const side of sides) {
      const at = pair[side];
      for (const column of sideColumns[side]) {
        let value = 0;
        if (at !== 0) for (const offset of column.at) value += u64At(view, at + offset);
        if (value === 0) out.null();
        else out.i64(value);
      }
      if (at !== 0) add(sums, view, at, input.uplinks.has(ifindex));
    }
  }
  return { table: "interface_counters", bytes: out.bytes, due: out.bytes, count: pairs.size, sums };
}

function add(sums: CounterSums, view: DataView, at: number, uplink: boolean): void {
  for (let v = 0; v < verdicts.length; v++) {
    for (let p = 0; p < protoClasses.length; p++) {
      sums.seen += u64At(view, at + countAt(v, p, 0));
      if (!uplink) continue;
      sums.uplinkPackets += u64At(view, at + countAt(v, p, 1));
      sums.uplinkBytes += u64At(view, at + countAt(v, p, 2));
    }
  }
  sums.unmatched += u64At(view, at + counterRowAt.unmatched);
  sums.sampledOut += u64At(view, at + counterRowAt.sampledOut);
  sums.ringLost += u64At(view, at + counterRowAt.ringLost);
  sums.noReader += u64At(view, at + counterRowAt.noReader);
  sums.delivered += u64At(view, at + counterRowAt.delivered);
  sums.unflowed += u64At(view, at + counterRowAt.unflowed);
  sums.nonFlow += u64At(view, at + counterRowAt.nonFlow);
}
