import { counterRowAt, protoClasses, type ProtoClass } from "@sonde/protocol";

/** One bigint column of interface_counters, and where its u64 lies in a counter row of the wire. */
export type CounterColumn = { readonly name: string; readonly at: number };
export type Side = "rx" | "tx";
export const sides = ["rx", "tx"] as const satisfies readonly Side[];

/** The counts of a class, in wire order. */
export const countFields = ["frames", "packets", "bytes"] as const;
export type CountField = (typeof countFields)[number];

const MALFORMED_CLASSES = 16;

/** Column of one class's count, e.g. `rx_tcp4_frames`. */
export function countColumn(side: Side, proto: ProtoClass, field: CountField): string {
  return `${side}_${proto}_${field}`;
}

/** Columns of one direction that are copied from the row, in table order. */
function copiedColumns(side: Side): CounterColumn[] {
  const counts = protoClasses.flatMap((proto, p) =>
    countFields.map((field, f) => ({
      name: countColumn(side, proto, field),
      at: counterRowAt.proto + p * counterRowAt.protoStride + f * 8,
    })),
  );
  return [
    ...counts,
    { name: `${side}_unmatched`, at: counterRowAt.unmatched },
    { name: `${side}_sampled_out`, at: counterRowAt.sampledOut },
    { name: `${side}_ring_lost`, at: counterRowAt.ringLost },
    { name: `${side}_delivered`, at: counterRowAt.delivered },
    { name: `${side}_no_reader`, at: counterRowAt.noReader },
  ];
}

/** Offsets of the u64 that `<side>_malformed` sums: one per parse error, the first (no error) left out. */
export const malformedOffsets: readonly number[] = Array.from(
  { length: MALFORMED_CLASSES - 1 },
  (_, i) => counterRowAt.malformed + (i + 1) * 8,
);

/** Copied columns by direction; each direction's `malformed` sum follows them in the table. */
export const copied = { rx: copiedColumns("rx"), tx: copiedColumns("tx") } as const;

/** Columns that say what a row is of. */
export const keyColumns = ["at", "host_id", "interface_id", "interval_ns", "boot_ns"] as const;

/** Every column of interface_counters in the order they are copied in; a test holds the migrated table to this list. */
export const counterColumns: readonly string[] = [
  ...keyColumns,
  ...sides.flatMap((side) => [...copied[side].map((column) => column.name), `${side}_malformed`]),
];
