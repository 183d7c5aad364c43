import { labelSources, type LabelSource } from "@sonde/protocol";
import { hostLabelSchema, type HostLabel } from "@sonde/protocol/rest";

/** A row of host_label. */
export type LabelRow = { readonly key: string; readonly source: string; readonly value: string };

const rankOf = (source: string): number => labelSources.indexOf(source as LabelSource);

/** What holds of a host's labels, in order of keys: of each key the one of the first source. */
export function effectiveLabels(rows: readonly LabelRow[]): HostLabel[] {
  const byKey = new Map<string, LabelRow>();
  for (const row of rows) {
    const known = byKey.get(row.key);
    if (known === undefined || rankOf(row.source) < rankOf(known.source)) byKey.set(row.key, row);
  }
  return [...byKey.values()]
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ key, value, source }) => hostLabelSchema.parse({ key, value, source }));
}
