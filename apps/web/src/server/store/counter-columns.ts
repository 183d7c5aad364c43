import { counterRowAt, parseErrors, protoClasses, sizeClasses, tcpFlagNames, verdicts, type ProtoClass } from "@sonde/protocol";

/** One bigint column of interface_counters, and where the u64s that it sums lie in a counter row of the wire. */
export type CounterColumn = { readonly name: string; readonly at: readonly number[] };
export type Side = "rx" | "tx";
export const sides = ["rx", "tx"] as const satisfies readonly Side[];

/** The counts of a class, in wire order. */
export const countFields = ["frames", "packets", "bytes"] as const;
export type CountField = (typeof countFields)[number];

/** Column of one class's count, e.g. `rx_tcp4_frames`. */
export function countColumn(side: Side, proto: ProtoClass, field: CountField): string {
  return `${side}_${proto}_${field}`;
}

/** Offset of one class's count with one verdict. */
export function countAt(verdict: number, proto: number, field: number): number {
  return counterRowAt.proto + verdict * counterRowAt.verdictStride + proto * counterRowAt.protoStride + field * 8;
}

function columnsOf(side: Side): CounterColumn[] {
  const classes = protoClasses.flatMap((proto, p) => countFields.map((field, f) => ({ proto, p, field, f })));
  const drop = verdicts.indexOf("drop");
  const counts = (name: string, at: number): CounterColumn[] =>
    countFields.map((field, f) => ({ name: `${side}_${name}_${field}`, at: [at + f * 8] }));
  return [
    ...classes.map(({ proto, p, field, f }) => ({ name: countColumn(side, proto, field), at: verdicts.map((_, v) => countAt(v, p, f)) })),
    { name: `${side}_unmatched`, at: [counterRowAt.unmatched] },
    { name: `${side}_sampled_out`, at: [counterRowAt.sampledOut] },
    { name: `${side}_ring_lost`, at: [counterRowAt.ringLost] },
    { name: `${side}_delivered`, at: [counterRowAt.delivered] },
    { name: `${side}_no_reader`, at: [counterRowAt.noReader] },
    { name: `${side}_malformed`, at: parseErrors.slice(1).map((_, i) => counterRowAt.malformed + (i + 1) * 8) },
    ...classes.map(({ proto, p, field, f }) => ({ name: `${side}_drop_${proto}_${field}`, at: [countAt(drop, p, f)] })),
    ...counts("unflowed", counterRowAt.unflowed),
    ...counts("non_flow", counterRowAt.nonFlow),
    ...tcpFlagNames.map((flag, i) => ({ name: `${side}_tcp_${flag}`, at: [counterRowAt.tcpFlags + i * 8] })),
    ...sizeClasses.map((least, i) => ({ name: `${side}_size_${least}`, at: [counterRowAt.sizes + i * 8] })),
  ];
}

/** The columns of each direction, in the order they are copied in. */
export const sideColumns = { rx: columnsOf("rx"), tx: columnsOf("tx") } as const;

/** Columns that say what a row is of. */
const keyColumns = ["at", "host_id", "interface_id", "interval_ns", "boot_ns"] as const;

/** Every column of interface_counters in the order they are copied in; a test holds the migrated table to this list. */
export const counterColumns: readonly string[] = [
  ...keyColumns,
  ...sides.flatMap((side) => sideColumns[side].map((column) => column.name)),
];
