import { labelSelectorSchema } from "@sonde/protocol";
import type { Filter, FilterCounts } from "@sonde/protocol/rest";
import type { StoredFilter } from "./sets.ts";

/** A filter as the API shows it. */
export function presentFilter(row: StoredFilter, counted: FilterCounts): Filter {
  return {
    id: row.id,
    expression: row.expression,
    sampleN: row.sampleN,
    snaplen: row.snaplen,
    selector: labelSelectorSchema.nullable().parse(row.selector),
    instructions: { ethernet: row.ethernet.length, raw: row.raw?.length ?? null },
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    counted,
  };
}
