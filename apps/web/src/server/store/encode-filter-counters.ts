import { BATCH_HEADER_BYTES, FILTER_ROW_BYTES, filterRowAt } from "@sonde/protocol";
import { CopyRows, MAX_I64, countsInRange, u64At } from "./copy-rows.ts";
import { series, type Encoded, type EncodeInput, type FilterCounts } from "./series.ts";

const FIELDS = series.filter_counters.length;
const ROW_BYTES = 2 + 4 * FIELDS + 9 * 8 + 16 + 2;
/** Filters of a set (SPEC 8.1). */
const MAX_FILTERS = 64;

/** Rows of a checked filter counter batch, one per filter. */
export function encodeFilterCounters({ view, header, ...of }: EncodeInput): Encoded {
  if (header.lastNs < header.firstNs || header.lastNs > MAX_I64) return { ok: false, code: "BATCH_RECORD" };
  const out = new CopyRows(header.count * ROW_BYTES);
  const filters: FilterCounts[] = [];
  for (let i = 0; i < header.count; i++) {
    const at = BATCH_HEADER_BYTES + i * FILTER_ROW_BYTES;
    const bit = view.getUint32(at + filterRowAt.bit, true);
    if (bit >= MAX_FILTERS || !countsInRange(view, at + filterRowAt.matched, at + FILTER_ROW_BYTES)) {
      return { ok: false, code: "BATCH_RECORD" };
    }
    const counts: FilterCounts = {
      filterSet: view.getUint32(at + filterRowAt.filterSet, true),
      bit,
      matched: u64At(view, at + filterRowAt.matched),
      sampledOut: u64At(view, at + filterRowAt.sampledOut),
      ringLost: u64At(view, at + filterRowAt.ringLost),
      noReader: u64At(view, at + filterRowAt.noReader),
      delivered: u64At(view, at + filterRowAt.delivered),
    };
    filters.push(counts);
    out.row(FIELDS);
    out.time(of.atUs);
    out.uuid(of.hostUuid);
    out.big(header.lastNs - header.firstNs);
    out.big(header.lastNs);
    out.i64(counts.filterSet);
    out.i64(counts.matched);
    out.i64(counts.sampledOut);
    out.i64(counts.ringLost);
    out.i64(counts.noReader);
    out.i64(counts.delivered);
    out.i16(bit);
  }
  return { ok: true, value: { table: "filter_counters", bytes: out.bytes, due: out.bytes, count: header.count, filters } };
}
