import type { FieldDef, FieldValue } from "./fields.ts";

/** Why a layer is not whole: the capture ends before it does, or it contradicts itself. */
export type Problem = "cut" | "malformed";

/** A field with its value and the bytes it was read from; a layer is a node without a value. */
export type Node = {
  readonly field: FieldDef;
  value: FieldValue;
  /** Byte range within the captured bytes; length 0: worked out, not read. */
  at: number;
  length: number;
  /** Said behind the label of a layer or group: "Src Port: 443, Dst Port: 51234". */
  summary: string;
  problem: Problem | null;
  readonly children: Node[];
};

export const nodeOf = (field: FieldDef, value: FieldValue, at: number, length: number): Node => ({
  field,
  value,
  at,
  length,
  summary: "",
  problem: null,
  children: [],
});
