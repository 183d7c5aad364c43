import clsx from "clsx";
import type { ReactNode } from "react";

export type ListingColumn = {
  readonly id: string;
  readonly header: ReactNode;
  readonly align?: "right";
  readonly mono?: boolean;
  /** Takes what room is left, and is cut with an ellipsis. */
  readonly wide?: boolean;
  /** What is counted or said here. */
  readonly title?: string;
};
export type ListingRow = { readonly id: string; readonly cells: readonly ReactNode[]; readonly chosen?: boolean };

/** A table of a few rows that all fit: 28 px each under 12 px headers; wider than its place, it scrolls. Longer ones are for VirtualTable. */
export function Listing({
  label,
  columns,
  rows,
  tall = false,
}: {
  label: string;
  columns: readonly ListingColumn[];
  rows: readonly ListingRow[];
  /** Rows hold sentences, and grow with them. */
  tall?: boolean;
}) {
  const look = (column: ListingColumn | undefined) =>
    clsx("pr-5 last:pr-0", column?.align === "right" ? "text-right" : "text-left", column?.wide === true ? "w-full" : "whitespace-nowrap");
  return (
    <div className="overflow-auto">
      <table aria-label={label} className="w-full text-sm">
        <thead className="sticky top-0 z-10 bg-ground text-xs text-muted">
          <tr className="h-7 border-b border-line">
            {columns.map((column) => (
              <th key={column.id} scope="col" title={column.title} className={clsx("font-medium", look(column))}>
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr
              key={row.id}
              className={clsx(
                "border-b border-line",
                tall ? "align-top [&>td]:py-1 [&>td]:whitespace-normal" : "h-7",
                row.chosen === true && "bg-selected",
              )}
            >
              {row.cells.map((cell, i) => (
                <td
                  key={columns[i]?.id ?? i}
                  className={clsx(
                    look(columns[i]),
                    columns[i]?.mono === true && "mono",
                    columns[i]?.wide === true && !tall && "max-w-0 min-w-32 truncate",
                  )}
                >
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
