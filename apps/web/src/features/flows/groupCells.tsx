import { isAddressField } from "../../domain/flows.ts";
import { visible } from "../../domain/text.ts";
import { Endpoint } from "./Endpoint.tsx";
import type { NamesByAddress } from "./useNames.ts";

type Grouped = { readonly key: readonly (string | null)[] };

/** The values a group has in common, one cell a field. */
export function groupCells(group: Grouped, { fields, names }: { fields: readonly string[]; names: NamesByAddress }) {
  return group.key.map((key, i) => {
    if (key === null)
      return (
        <span key={fields[i]} className="text-muted">
          none
        </span>
      );
    return isAddressField(fields[i] ?? "") ? <Endpoint key={fields[i]} address={key} port={null} known={names.get(key)} /> : visible(key);
  });
}

/** The addresses that groups have in common, each once. */
export function addressesOf(groups: readonly Grouped[], fields: readonly string[]): string[] {
  const keys = groups.flatMap((group) => group.key.filter((_, i) => isAddressField(fields[i] ?? "")));
  return [...new Set(keys.filter((key) => key !== null))];
}
