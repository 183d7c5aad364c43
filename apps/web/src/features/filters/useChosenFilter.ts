import { useQuery } from "@tanstack/react-query";
import { filterQuery, type Filter, type FilterHost, type FilterState } from "../../api/filters.ts";
import { useServices } from "../app/services.tsx";
import { useUrlState } from "../app/useUrlState.ts";
import { isFilterState } from "./hostStates.ts";

export type ChosenFilter = {
  readonly id: string;
  /** Null while none is chosen: the hosts are then those of all filters. */
  readonly filter: Filter | null;
  /** Those the chosen filter is for; null until they were read. */
  readonly hosts: readonly FilterHost[] | null;
  /** Only hosts in this state; null: all. */
  readonly state: FilterState | null;
  readonly choose: (id: string) => void;
  readonly setState: (state: FilterState | null) => void;
};

/** The filter whose hosts are shown, and in which state, as the page's address has it. */
export function useChosenFilter(filters: readonly Filter[]): ChosenFilter {
  const { api } = useServices();
  const [id, setId] = useUrlState("filter");
  const [text, setText] = useUrlState("state");
  const filter = filters.find((one) => one.id === id) ?? null;
  const detail = useQuery({ ...filterQuery(api, id), enabled: filter !== null });
  return {
    id,
    filter,
    hosts: filter === null ? null : (detail.data?.hosts ?? null),
    state: isFilterState(text) ? text : null,
    choose: (next) => {
      setId(next === id ? "" : next);
      setText("");
    },
    setState: (next) => setText(next ?? ""),
  };
}
