"use client";
import { useMutation } from "@tanstack/react-query";
import { invalidateFilters, removeFilter } from "../../api/filters.ts";
import type { Filter } from "../../api/filters.ts";
import { selectorText } from "../../domain/labels.ts";
import { visible } from "../../domain/text.ts";
import { exact, si, span } from "../../domain/units.ts";
import { Button } from "../../ui/Button.tsx";
import { Chip } from "../../ui/Chip.tsx";
import { Listing, type ListingColumn } from "../../ui/Listing.tsx";
import { MenuValue } from "../../ui/MenuValue.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { TimeAgo } from "../../ui/TimeAgo.tsx";
import { Value } from "../../ui/Value.tsx";
import { general } from "../account/words.ts";
import { useServices } from "../app/services.tsx";
import { useValueMenu } from "../app/valueMenu.tsx";
import { filterTarget } from "./filterTarget.ts";
import type { FilterDraft } from "./NewFilter.tsx";
import { useMatchRates } from "./useMatchRates.ts";

const columns: readonly ListingColumn[] = [
  { id: "expression", header: "Expression", mono: true, wide: true },
  { id: "hosts", header: "Hosts" },
  { id: "n", header: "Records 1 in", align: "right" },
  { id: "bytes", header: "Bytes", align: "right" },
  {
    id: "rate",
    header: "Matches now",
    align: "right",
    title: "Packets a second the filter takes now, on all its hosts. Exact, never sampled.",
  },
  { id: "matched", header: "Matched", align: "right", title: "Packets the filter took since it was pushed. Exact, never sampled." },
  { id: "recorded", header: "Recorded", align: "right", title: "Records of them that the hosts' kernels handed to their agents." },
  { id: "pushed", header: "Pushed" },
  { id: "remove", header: <span className="sr-only">Take back</span> },
];

export type ActiveFiltersProps = {
  filters: readonly Filter[];
  /** When they were read, ms since 1970. */
  at: number;
  /** Id of the filter whose hosts are shown below, or "". */
  chosen: string;
  onChoose: (id: string) => void;
  /** Puts one into the editor, to be pushed with changes. */
  onEdit: (draft: FilterDraft) => void;
};

/** The active filters, oldest first; each can be taken back, and chosen to see its hosts. */
export function ActiveFilters({ filters, at, chosen, onChoose, onEdit }: ActiveFiltersProps) {
  const { api, queries } = useServices();
  const rate = useMatchRates(filters, at);
  const { show, menu } = useValueMenu({});
  const remove = useMutation({ mutationFn: (id: string) => removeFilter(api, id), onSettled: () => invalidateFilters(queries) });
  return (
    <>
      {remove.error === null ? null : (
        <Notice kind="error" title={general(remove.error).title}>
          The filter is still active. {general(remove.error).todo}
        </Notice>
      )}
      <div className="max-h-[40dvh] overflow-auto">
        <Listing
          label="Active filters"
          columns={columns}
          rows={filters.map((filter) => ({
            id: filter.id,
            chosen: filter.id === chosen,
            cells: [
              <span key="expression" title={visible(filter.expression)}>
                <MenuValue onMenu={(place) => show(filterTarget(filter, onEdit), place)}>
                  {filter.expression.trim() === "" ? <span className="text-muted">everything</span> : visible(filter.expression)}
                </MenuValue>
              </span>,
              <Chip
                key="hosts"
                on={filter.id === chosen}
                action={filter.id === chosen ? "Show the hosts of all filters" : "Show the hosts of this filter"}
                onClick={() => onChoose(filter.id)}
              >
                {filter.selector === null ? "all" : selectorText(filter.selector)}
              </Chip>,
              exact(filter.sampleN),
              exact(filter.snaplen),
              <Value key="rate" text={si(rate(filter.id))} unit="/s" />,
              exact(filter.counted.matched),
              exact(filter.counted.delivered),
              <TimeAgo key="pushed" at={filter.createdAt} say={span} />,
              <Button
                key="remove"
                look="quiet"
                className="h-6"
                busy={remove.isPending && remove.variables === filter.id}
                disabled={remove.isPending}
                aria-label={`Take back ${visible(filter.expression)}`}
                onClick={() => remove.mutate(filter.id)}
              >
                Take back
              </Button>,
            ],
          }))}
        />
      </div>
      {menu}
    </>
  );
}
