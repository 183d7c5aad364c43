import type { ReactNode } from "react";
import { Chip } from "../../ui/Chip.tsx";

export type StateCountsProps<S extends string> = {
  heading: ReactNode;
  counts: readonly { readonly state: S; readonly count: number; readonly label: string }[];
  /** Only hosts in it are listed; null: all. */
  chosen: S | null;
  onChoose: (state: S | null) => void;
};

/** The heading of a list of hosts, and how many are in each state: a count lists exactly its hosts, and all again. */
export function StateCounts<S extends string>({ heading, counts, chosen, onChoose }: StateCountsProps<S>) {
  return (
    <div className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1 px-4">
      <h2 className="truncate text-sm font-semibold">{heading}</h2>
      <span role="status" aria-label="Hosts by state" className="flex flex-wrap items-center gap-1.5">
        {counts.map(({ state, count, label }) => (
          <Chip
            key={state}
            on={state === chosen}
            action={state === chosen ? "List all of them" : "List exactly these hosts"}
            onClick={() => onChoose(state === chosen ? null : state)}
          >
            {count} {label}
          </Chip>
        ))}
      </span>
    </div>
  );
}
