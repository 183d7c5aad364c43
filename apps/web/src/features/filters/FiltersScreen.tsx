"use client";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { filtersQuery, invalidateFilters } from "../../api/filters.ts";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { TopBar } from "../../ui/Rail.tsx";
import { general } from "../account/words.ts";
import { ConnectionState } from "../app/ConnectionState.tsx";
import { SavedViews } from "../app/SavedViews.tsx";
import { useServices } from "../app/services.tsx";
import { ActiveFilters } from "./ActiveFilters.tsx";
import { NewFilter } from "./NewFilter.tsx";
import { SetHosts } from "./SetHosts.tsx";
import { useChosenFilter } from "./useChosenFilter.ts";
import { useFilterDraft } from "./useFilterDraft.ts";

/** What the fleet records: an editor for one more filter, the active ones, and what each host made of them. */
export function FiltersScreen() {
  const { api, feed, queries } = useServices();
  const filters = useQuery(filtersQuery(api));
  const chosen = useChosenFilter(filters.data?.items ?? []);
  const editor = useFilterDraft();
  useEffect(() => feed.watchFleet((message) => message.type === "filters-changed" && void invalidateFilters(queries)), [feed, queries]);
  return (
    <>
      <TopBar title={<h1 className="text-md font-semibold">Filters</h1>}>
        <SavedViews screen="filters" />
        <ConnectionState />
      </TopBar>
      {filters.error === null ? null : (
        <div className="p-4">
          <Notice
            kind="error"
            title={general(filters.error).title}
            action={<Button onClick={() => void filters.refetch()}>Try again</Button>}
          >
            The filters could not be read. {general(filters.error).todo}
          </Notice>
        </div>
      )}
      {filters.isPending ? (
        <p role="status" className="p-4 text-muted">
          Reading the filters
        </p>
      ) : null}
      {filters.data === undefined ? null : (
        <>
          <div className="flex flex-col gap-4 p-4">
            <NewFilter key={editor.key} hosts={filters.data.hosts} draft={editor.draft} />
            {filters.data.items.length === 0 ? (
              <Notice kind="explained" title="No filter is active">
                Every packet is recorded, at each agent's own rate. A filter narrows what is recorded; all packets are still counted.
              </Notice>
            ) : (
              <ActiveFilters
                filters={filters.data.items}
                at={filters.dataUpdatedAt}
                chosen={chosen.id}
                onChoose={chosen.choose}
                onEdit={editor.edit}
              />
            )}
          </div>
          <SetHosts hosts={chosen.hosts ?? filters.data.hosts} filter={chosen.filter} state={chosen.state} onState={chosen.setState} />
        </>
      )}
    </>
  );
}
