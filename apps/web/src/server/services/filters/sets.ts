import { CodedError, MAX_FILTERS, MAX_SET_INSTRUCTIONS, programSchema, type FilterProgram, type FiltersMessage } from "@sonde/protocol";
import type { Filter as FilterRow } from "../../../../../../prisma/generated/client.ts";
import type { Tx, VerbCtx } from "../call.ts";

/** A filter with its programs, as the hub compiled them. */
export type StoredFilter = Omit<FilterRow, "ethernet" | "raw"> & { readonly ethernet: FilterProgram; readonly raw: FilterProgram | null };
export type StoredSet = { readonly number: number; readonly filters: readonly StoredFilter[] };

/** What packets without an Ethernet header meet when the expression means nothing for them: `ret #0`. */
const NOTHING: FilterProgram = [[0x06, 0, 0, 0]];

/** The set all hosts are to hold; number 0, without filters, when none was ever made. */
export async function presentSet(db: VerbCtx["db"] | Tx): Promise<StoredSet> {
  const set = await db.filterSet.findFirst({ orderBy: { number: "desc" } });
  if (!set) return { number: 0, filters: [] };
  const rows = await db.filter.findMany({ where: { id: { in: set.filterIds } } });
  const byId = new Map(rows.map((row) => [row.id, row]));
  const filters = set.filterIds.map((id) => {
    const row = byId.get(id);
    if (!row) throw new Error(`filter set ${set.number} names filter ${id}, which is not stored`);
    return { ...row, ethernet: programSchema.parse(row.ethernet), raw: programSchema.nullable().parse(row.raw) };
  });
  return { number: set.number, filters };
}

/** Makes the next set of what `change` returns; one change at a time, so that numbers grow with time. Throws FILTER_LIMIT. */
export async function nextSet(
  tx: Tx,
  by: { readonly at: number; readonly actor: string },
  change: (present: readonly StoredFilter[]) => Promise<readonly StoredFilter[]>,
): Promise<number> {
  await tx.$executeRaw`LOCK TABLE filter_set IN EXCLUSIVE MODE`;
  const filters = await change((await presentSet(tx)).filters);
  const { length } = filters;
  if (length > MAX_FILTERS) throw new CodedError("FILTER_LIMIT", `At most ${MAX_FILTERS} filters are active at once; take one back first`);
  const instructions = filters.reduce((sum, one) => sum + one.ethernet.length + (one.raw ?? NOTHING).length, 0);
  if (instructions > MAX_SET_INSTRUCTIONS)
    throw new CodedError(
      "FILTER_LIMIT",
      `All filters together would have ${instructions} instructions, of at most ${MAX_SET_INSTRUCTIONS}`,
    );
  const data = { filterIds: filters.map((one) => one.id), createdBy: by.actor, createdAt: new Date(by.at) };
  return (await tx.filterSet.create({ data })).number;
}

/** The set as agents are sent it (SPEC 8.1). */
export function messageOf({ number, filters }: StoredSet): FiltersMessage {
  return {
    type: "filters",
    number,
    filters: filters.map(({ id, expression, ethernet, raw, sampleN, snaplen }) => ({
      id,
      expression,
      ethernet,
      raw: raw ?? NOTHING,
      sampleN,
      snaplen,
    })),
  };
}
