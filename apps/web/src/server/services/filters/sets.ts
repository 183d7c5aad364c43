import { programSchema, type FilterProgram, type FiltersMessage } from "@sonde/protocol";
import type { Filter as FilterRow } from "../../../../../../prisma/generated/client.ts";
import type { Tx, VerbCtx } from "../call.ts";

/** A filter with its programs, as the hub compiled them. */
export type StoredFilter = Omit<FilterRow, "ethernet" | "raw"> & { readonly ethernet: FilterProgram; readonly raw: FilterProgram | null };
export type SetMessage = Omit<FiltersMessage, "filters"> & { readonly filters: readonly SetFilter[] };
type SetFilter = Omit<FiltersMessage["filters"][number], "capture">;

/** What packets without an Ethernet header meet when the expression means nothing for them: `ret #0`. */
const NOTHING: FilterProgram = [[0x06, 0, 0, 0]];
/** `ret #262144`: all of every packet. */
const ALL: FilterProgram = [[0x06, 0, 0, 0x40000]];

/**
 * Stands before a capture on a host without filters, so that the capture changes nothing of what else is recorded
 * there (SPEC 10.1). It is no row of the table filter.
 */
export const EVERYTHING: SetFilter = {
  id: "00000000-0000-4000-8000-000000000000",
  expression: "",
  ethernet: ALL,
  raw: ALL,
  sampleN: 1,
  snaplen: 128,
};

/** Filters that were pushed and not taken back, in order of their creation; not those of captures. */
export async function activeFilters(db: VerbCtx["db"] | Tx): Promise<StoredFilter[]> {
  const rows = await db.filter.findMany({ where: { removedAt: null, capture: null }, orderBy: [{ createdAt: "asc" }, { id: "asc" }] });
  return rows.map(withPrograms);
}

/** Number of the newest set; 0 when none was ever made. */
export async function newestSet(db: VerbCtx["db"]): Promise<number> {
  const newest = await db.filterSet.findFirst({ orderBy: { number: "desc" }, select: { number: true } });
  return newest?.number ?? 0;
}

/** Sets as agents are sent them (SPEC 8.1), by their numbers. */
export async function setMessages({ db }: Pick<VerbCtx, "db">, numbers: readonly number[]): Promise<Map<number, SetMessage>> {
  const sets = await db.filterSet.findMany({ where: { number: { in: [...numbers] } } });
  const rows = await db.filter.findMany({ where: { id: { in: [...new Set(sets.flatMap((set) => set.filterIds))] } } });
  const byId = new Map(rows.map((row) => [row.id, inMessage(withPrograms(row))]));
  byId.set(EVERYTHING.id, EVERYTHING);
  return new Map(
    sets.map(({ number, filterIds }) => {
      const filters = filterIds.map((id) => {
        const filter = byId.get(id);
        if (!filter) throw new Error(`filter set ${number} names filter ${id}, which is not stored`);
        return filter;
      });
      return [number, { type: "filters", number, filters }];
    }),
  );
}

function inMessage({ id, expression, ethernet, raw, sampleN, snaplen }: StoredFilter): SetFilter {
  return { id, expression, ethernet, raw: raw ?? NOTHING, sampleN, snaplen };
}

function withPrograms(row: FilterRow): StoredFilter {
  return { ...row, ethernet: programSchema.parse(row.ethernet), raw: programSchema.nullable().parse(row.raw) };
}
