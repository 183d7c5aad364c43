import type { BatchHeader } from "@sonde/protocol";
import { counterColumns } from "./counter-columns.ts";

/** The series tables: rows by time, copied in, in partitions. Columns in the order they are copied in. */
export const series = {
  interface_counters: counterColumns,
  flow_records: [
    "at",
    "bytes",
    "frames",
    "packets",
    "first_ms",
    "last_ms",
    "host",
    "interface_id",
    "source_port",
    "destination_port",
    "tunnel_id",
    "vlan",
    "vlan_inner",
    "protocol",
    "tcp_flags",
    "direction",
    "tunnel",
    "verdict",
    "end_reason",
    "source_address",
    "destination_address",
  ],
  filter_counters: [
    "at",
    "host_id",
    "interval_ns",
    "boot_ns",
    "filter_set",
    "matched",
    "sampled_out",
    "ring_lost",
    "no_reader",
    "delivered",
    "bit",
  ],
  packet_records: [
    "at",
    "matched",
    "filter_set",
    "sample_n",
    "wire_len",
    "host",
    "interface_id",
    "source_port",
    "destination_port",
    "vlan",
    "protocol",
    "tcp_flags",
    "direction",
    "tunnel",
    "verdict",
    "malformed",
    "source_address",
    "destination_address",
  ],
} as const satisfies Record<string, readonly string[]>;
export type SeriesTable = keyof typeof series;
export const seriesTables = [
  "interface_counters",
  "flow_records",
  "filter_counters",
  "packet_records",
] as const satisfies readonly SeriesTable[];

/** Where the rows of a table wait, in its own columns or as sums of a batch, to be added to its first level (rollup.ts). */
export const due = {
  interface_counters: { table: "interface_counters_10s_due", columns: series.interface_counters },
  flow_records: {
    table: "flow_counters_1m_due",
    columns: ["at", "flows", "frames", "packets", "bytes", "host", "interface_id", "protocol", "direction", "verdict"],
  },
  filter_counters: { table: "filter_counters_10s_due", columns: series.filter_counters },
} as const satisfies Partial<Record<SeriesTable, { table: string; columns: readonly string[] }>>;

/** What every encoder needs of a checked batch and the session it came by. */
export type EncodeInput = {
  readonly view: DataView;
  readonly header: BatchHeader;
  /** Interface ids by the ifindex announced. */
  readonly interfaces: ReadonlyMap<number, number>;
  readonly uplinks: ReadonlySet<number>;
  readonly hostUuid: Uint8Array;
  /** host.number */
  readonly hostNumber: number;
  /** Hub time of the batch's last time, microseconds since 1970. */
  readonly atUs: number;
};

/** Totals of one counter batch: the ledger's classes (frames), and what passed the uplinks. */
export type CounterSums = {
  seen: number;
  unmatched: number;
  sampledOut: number;
  ringLost: number;
  noReader: number;
  delivered: number;
  unflowed: number;
  nonFlow: number;
  uplinkPackets: number;
  uplinkBytes: number;
};

/** What became of the packets that one filter took (SPEC 6.4). */
export type FilterCounts = {
  readonly filterSet: number;
  readonly bit: number;
  readonly matched: number;
  readonly sampledOut: number;
  readonly ringLost: number;
  readonly noReader: number;
  readonly delivered: number;
};

/** Rows of a batch and what they add to the first level, both in Postgres' binary COPY format, and to the ledger. */
export type EncodedRows = { readonly bytes: Uint8Array; readonly count: number } & (
  | { readonly table: "interface_counters"; readonly due: Uint8Array; readonly sums: CounterSums }
  | { readonly table: "flow_records"; readonly due: Uint8Array; readonly frames: number }
  | { readonly table: "filter_counters"; readonly due: Uint8Array; readonly filters: readonly FilterCounts[] }
  | { readonly table: "packet_records" }
);
export type Encoded = { ok: true; value: EncodedRows } | { ok: false; code: "BATCH_RECORD" | "BATCH_INTERFACE" };
