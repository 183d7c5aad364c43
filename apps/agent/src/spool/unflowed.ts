import {
  BATCH_HEADER_BYTES,
  BatchKind,
  COUNTER_ROW_BYTES,
  FLOW_BYTES,
  RowBatches,
  counterRowAt,
  flowAt,
  headerAt,
  viewOf,
} from "@sonde/protocol";

/**
 * Counter batches that say of flow batches which nobody will get: what their records counted is unflowed, so that the
 * ledger of their stream still adds up (SPEC 4.7, 6.5). Their times are those of the flows.
 */
export function unflowedBatches(flows: readonly Uint8Array[]): ArrayBuffer[] {
  const rows = new Map<bigint, BigUint64Array>();
  let firstNs: bigint | null = null;
  let lastNs = 0n;
  for (const batch of flows) {
    const view = viewOf(batch);
    const first = view.getBigUint64(headerAt.firstNs, true);
    const last = view.getBigUint64(headerAt.lastNs, true);
    if (firstNs === null || first < firstNs) firstNs = first;
    if (last > lastNs) lastNs = last;
    for (let at = BATCH_HEADER_BYTES; at + FLOW_BYTES <= batch.byteLength; at += FLOW_BYTES) add(rows, view, at);
  }
  const batches = new RowBatches(BatchKind.counters, COUNTER_ROW_BYTES);
  for (const row of rows.values()) batches.push(row);
  return batches.take(firstNs ?? 0n, lastNs);
}

/** A row is found by interface and direction, which is how it begins; its hook is none. */
function add(rows: Map<bigint, BigUint64Array>, view: DataView, at: number): void {
  const key = BigInt(view.getUint32(at + flowAt.ifindex, true)) | (BigInt(view.getUint8(at + flowAt.direction)) << 32n);
  const row = rows.get(key) ?? new BigUint64Array(COUNTER_ROW_BYTES / 8);
  rows.set(key, row);
  row[0] = key;
  [flowAt.frames, flowAt.packets, flowAt.bytes].forEach((from, i) => {
    row[counterRowAt.unflowed / 8 + i]! += view.getBigUint64(at + from, true);
  });
}
