"use client";
import { useMutation } from "@tanstack/react-query";
import clsx from "clsx";
import { invalidateFilters, removeFilter } from "../../api/filters.ts";
import type { Filter } from "../../api/filters.ts";
import { selectorText } from "../../domain/labels.ts";
import { visible } from "../../domain/text.ts";
import { exact, si, span } from "../../domain/units.ts";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { TimeAgo } from "../../ui/TimeAgo.tsx";
import { Value } from "../../ui/Value.tsx";
import { general } from "../account/words.ts";
import { useServices } from "../app/services.tsx";
import { useMatchRates } from "./useMatchRates.ts";

export type ActiveFiltersProps = {
  filters: readonly Filter[];
  /** When they were read, ms since 1970. */
  at: number;
  /** Id of the filter whose hosts are shown below, or "". */
  chosen: string;
  onChoose: (id: string) => void;
};

/** The active filters, oldest first; each can be taken back, and chosen to see its hosts. */
export function ActiveFilters({ filters, at, chosen, onChoose }: ActiveFiltersProps) {
  const { api, queries } = useServices();
  const rate = useMatchRates(filters, at);
  const remove = useMutation({ mutationFn: (id: string) => removeFilter(api, id), onSettled: () => invalidateFilters(queries) });
  return (
    <>
      {remove.error === null ? null : (
        <Notice kind="error" title={general(remove.error).title}>
          The filter is still active. {general(remove.error).todo}
        </Notice>
      )}
      <div className="max-h-[40dvh] overflow-auto rounded border border-line">
        <table
          aria-label="Active filters"
          className="w-full min-w-[840px] text-sm [&_td]:h-9 [&_td]:pr-6 [&_td:first-child]:pl-3 [&_td:last-child]:pr-2 [&_th]:pr-6 [&_th]:font-medium [&_th:first-child]:pl-3"
        >
          <thead className="sticky top-0 bg-surface text-left text-xs whitespace-nowrap text-muted">
            <tr className="h-7">
              <th className="w-full">Expression</th>
              <th>Hosts</th>
              <th className="text-right">Records 1 in</th>
              <th className="text-right">Bytes</th>
              <th className="text-right" title="Packets a second the filter takes now, on all its hosts. Exact, never sampled.">
                Matches now
              </th>
              <th className="text-right" title="Packets the filter took since it was pushed. Exact, never sampled.">
                Matched
              </th>
              <th className="text-right" title="Records of them that the hosts' kernels handed to their agents.">
                Recorded
              </th>
              <th>Pushed</th>
              <th>
                <span className="sr-only">Take back</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {filters.map((filter) => (
              <tr key={filter.id} className={clsx("border-t border-line", filter.id === chosen && "bg-selected")}>
                <td className="mono max-w-0 truncate" title={visible(filter.expression)}>
                  {filter.expression.trim() === "" ? <span className="text-muted">everything</span> : visible(filter.expression)}
                </td>
                <td className="whitespace-nowrap">
                  <button
                    type="button"
                    aria-pressed={filter.id === chosen}
                    title={filter.id === chosen ? "Show the hosts of all filters" : "Show the hosts of this filter"}
                    onClick={() => onChoose(filter.id)}
                    className="mono rounded px-1 text-xs underline decoration-edge underline-offset-3 hover:text-accent"
                  >
                    {filter.selector === null ? "all" : selectorText(filter.selector)}
                  </button>
                </td>
                <td className="text-right">{exact(filter.sampleN)}</td>
                <td className="text-right">{exact(filter.snaplen)}</td>
                <td className="text-right whitespace-nowrap">
                  <Value text={si(rate(filter.id))} unit="/s" />
                </td>
                <td className="text-right whitespace-nowrap">{exact(filter.counted.matched)}</td>
                <td className="text-right whitespace-nowrap">{exact(filter.counted.delivered)}</td>
                <td>
                  <TimeAgo at={filter.createdAt} say={span} />
                </td>
                <td className="text-right">
                  <Button
                    look="quiet"
                    busy={remove.isPending && remove.variables === filter.id}
                    disabled={remove.isPending}
                    aria-label={`Take back ${visible(filter.expression)}`}
                    onClick={() => remove.mutate(filter.id)}
                  >
                    Take back
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
