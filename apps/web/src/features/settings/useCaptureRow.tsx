"use client";
import { useState } from "react";
import type { StorageReport } from "../../api/settings.ts";
import { MAX_DAYS, bytesText } from "../../domain/storage.ts";
import { exact } from "../../domain/units.ts";
import { Button } from "../../ui/Button.tsx";
import { CellField } from "../../ui/CellField.tsx";
import type { ListingRow } from "../../ui/Listing.tsx";
import { Value } from "../../ui/Value.tsx";
import { wholeNumber } from "../filters/wholeNumber.ts";

export type CaptureRowProps = {
  captures: StorageReport["captures"];
  saving: boolean;
  onSaveDays: (days: number, onSaved: () => void) => void;
};

/** The row of captures among what is kept: as many as there are, for so many days after each has ended. */
export function useCaptureRow({ captures, saving, onSaveDays }: CaptureRowProps): ListingRow {
  const [draft, setDraft] = useState<string | null>(null);
  const text = draft ?? String(captures.keepDays);
  const days = wholeNumber(text, 1, MAX_DAYS);
  const changed = draft !== null && days !== captures.keepDays;
  return {
    id: "captures",
    cells: [
      <span key="table" title="Packets that captures took, with their bytes, and who asked for them">
        Captures
      </span>,
      <Value key="size" text={bytesText(captures.bytes)} />,
      <Value key="rows" text={exact(captures.count)} title="Captures" />,
      ...["oldest", "pace", "left"].map((key) => <Value key={key} text="–" />),
      <CellField
        key="keep"
        label="Captures: keep, days after their end"
        value={text}
        fault={days === null ? `1 to ${MAX_DAYS} whole days` : null}
        onChange={setDraft}
      />,
      <span key="most" className="text-muted">
        each its own
      </span>,
      <Button
        key="save"
        aria-label="Save Captures"
        className={changed ? "h-6" : "invisible h-6"}
        disabled={days === null || saving}
        onClick={() => {
          if (days !== null) onSaveDays(days, () => setDraft(null));
        }}
      >
        Save
      </Button>,
    ],
  };
}
