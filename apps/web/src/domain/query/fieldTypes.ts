/** What a query is asked of: flow records, or records of single packets. */
export type RowKind = "flows" | "packets";

/** Columns whose values are numbers; whatever a kind of row lacks, none of its fields names. */
export type NumberColumn =
  | "source_port"
  | "destination_port"
  | "protocol"
  | "tcp_flags"
  | "vlan"
  | "vlan_inner"
  | "tunnel"
  | "tunnel_id"
  | "direction"
  | "verdict"
  | "malformed"
  | "end_reason"
  | "bytes"
  | "packets"
  | "frames"
  | "duration"
  | "wire_len"
  | "family"
  | "icmp_type"
  | "icmp_code";
export type AddressColumn = "source_address" | "destination_address";
/** What the host of a row is known by; `label` is that of the field's key. */
export type TextColumn = "host_name" | "host_id" | "label" | "interface";

/** The field has a value only where this column holds one of these numbers, or any but that one. */
export type Guard =
  | { readonly column: NumberColumn; readonly oneOf: readonly number[] }
  | { readonly column: NumberColumn; readonly not: number };

export type Names = ReadonlyMap<string, number>;

type Typed =
  /** A protocol that is there or not: no value to compare with. */
  | { readonly type: "presence"; readonly columns: readonly [] }
  /** Whole numbers; `unit` says how they may be written, `names` what else stands for one. */
  | {
      readonly type: "number";
      readonly columns: readonly NumberColumn[];
      readonly min: number;
      readonly max: number;
      readonly unit: "none" | "count" | "duration";
      readonly names: Names;
    }
  /** One of a few names, without an order. */
  | { readonly type: "name"; readonly columns: readonly NumberColumn[]; readonly names: Names }
  /** A bit of a column: 0 or 1. */
  | { readonly type: "flag"; readonly columns: readonly NumberColumn[]; readonly bit: number }
  /** `family` where only one is meant. */
  | { readonly type: "address"; readonly columns: readonly AddressColumn[]; readonly family: 6 | null }
  | { readonly type: "text"; readonly columns: readonly [TextColumn] };

/** What values a field takes, whatever rows it is asked of. */
export type ValueField = ValueType & {
  /** One line for completion and documentation. */
  readonly doc: string;
  readonly kinds: readonly RowKind[];
};
type ValueType =
  | { readonly type: "presence" }
  | {
      readonly type: "number";
      readonly min: number;
      readonly max: number;
      readonly unit: "none" | "count" | "duration" | "seconds";
      readonly names: Names;
    }
  | { readonly type: "name"; readonly names: Names }
  | { readonly type: "flag" }
  | { readonly type: "address"; readonly family: 4 | 6 | null }
  | { readonly type: "text" }
  /** A run of bytes; `length` where all values are as long. */
  | { readonly type: "bytes"; readonly length: number | null };

export type Field = Typed & {
  /** One line for completion and documentation. */
  readonly doc: string;
  readonly kinds: readonly RowKind[];
  /** All must hold. */
  readonly guards: readonly Guard[];
};
