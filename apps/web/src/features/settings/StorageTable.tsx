"use client";
import { useState } from "react";
import type { TableStorage } from "../../api/settings.ts";
import { MAX_DAYS, bytesText, daysOf, daysText, gigabytesOf, hoursOf, storedTables, tableWords } from "../../domain/storage.ts";
import { exact, span } from "../../domain/units.ts";
import { Button } from "../../ui/Button.tsx";
import { CellField } from "../../ui/CellField.tsx";
import { Listing } from "../../ui/Listing.tsx";
import { TimeAgo } from "../../ui/TimeAgo.tsx";
import { Value } from "../../ui/Value.tsx";
import { type CaptureRowProps, useCaptureRow } from "./useCaptureRow.tsx";

type Table = TableStorage["table"];
type Limits = TableStorage["limits"];
type Draft = { readonly days: string; readonly gigabytes: string };

const columns = [
  { id: "table", header: "What is kept" },
  { id: "size", header: "Size", align: "right" },
  { id: "rows", header: "Rows, about", align: "right" },
  { id: "oldest", header: "Oldest", align: "right" },
  { id: "pace", header: "A day", align: "right" },
  { id: "left", header: "Full in", align: "right" },
  { id: "keep", header: "Keep, days", align: "right" },
  { id: "most", header: "At most, GB", align: "right" },
  { id: "save", header: <span className="sr-only">Save</span> },
] as const;

export type StorageTableProps = {
  tables: readonly TableStorage[];
  saving: boolean;
  onSave: (table: Table, limits: Limits, onSaved: () => void) => void;
} & CaptureRowProps;

/** One row for each thing that is kept; its limits are changed in place. */
export function StorageTable({ tables, saving, onSave, ...captured }: StorageTableProps) {
  const captureRow = useCaptureRow({ ...captured, saving });
  const [drafts, setDrafts] = useState<ReadonlyMap<Table, Draft>>(new Map());
  const sorted = [...tables].toSorted((a, b) => storedTables.indexOf(a.table) - storedTables.indexOf(b.table));
  const forget = (table: Table) => setDrafts((was) => new Map([...was].filter(([one]) => one !== table)));
  const rows = sorted.map((one) => {
    const draft = drafts.get(one.table) ?? draftOf(one.limits);
    const limits = limitsOf(draft);
    const changed = drafts.has(one.table) && JSON.stringify(limits) !== JSON.stringify(one.limits);
    const set = (change: Partial<Draft>) => setDrafts((was) => new Map([...was, [one.table, { ...draft, ...change }]]));
    const { label, meaning } = tableWords(one.table);
    return {
      id: one.table,
      cells: [
        <span key="table" title={meaning}>
          {label}
        </span>,
        <Value key="size" text={bytesText(one.bytes)} />,
        <Value key="rows" text={exact(one.rows)} />,
        one.oldest === null ? (
          <span key="oldest" className="text-muted">
            empty
          </span>
        ) : (
          <TimeAgo key="oldest" at={one.oldest} say={span} />
        ),
        <Value key="pace" text={bytesText(one.bytesPerDay)} />,
        one.daysLeft === 0 ? (
          <span key="left" className="text-monitored">
            full
          </span>
        ) : (
          <Value key="left" text={daysText(one.daysLeft)} />
        ),
        <CellField
          key="keep"
          label={`${label}: keep, days`}
          value={draft.days}
          fault={hoursOf(draft.days) === null ? `An hour to ${MAX_DAYS} days` : null}
          onChange={(days) => set({ days })}
        />,
        <CellField
          key="most"
          label={`${label}: at most, GB`}
          value={draft.gigabytes}
          placeholder="no limit"
          fault={gigabytesOf(draft.gigabytes) === undefined ? "From 0.1, or nothing for no limit" : null}
          onChange={(gigabytes) => set({ gigabytes })}
        />,
        <Button
          key="save"
          aria-label={`Save ${label}`}
          className={changed ? "h-6" : "invisible h-6"}
          disabled={limits === null || saving}
          onClick={() => {
            if (limits !== null) onSave(one.table, limits, () => forget(one.table));
          }}
        >
          Save
        </Button>,
      ],
    };
  });
  return <Listing label="Storage" columns={columns} rows={[...rows, captureRow]} />;
}

const draftOf = (limits: Limits): Draft => ({ days: daysOf(limits.keepHours), gigabytes: String(limits.maxGigabytes ?? "") });

function limitsOf(draft: Draft): Limits | null {
  const keepHours = hoursOf(draft.days);
  const maxGigabytes = gigabytesOf(draft.gigabytes);
  return keepHours === null || maxGigabytes === undefined ? null : { keepHours, maxGigabytes };
}
