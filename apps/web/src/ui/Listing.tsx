import clsx from "clsx";
import type { ReactNode } from "react";

export type ListingColumn = { readonly id: string; readonly header: ReactNode; readonly align?: "right"; readonly mono?: boolean };

/** A table of a few rows that all fit: 28 px each under 12 px headers. Longer ones are for VirtualTable. */
export function Listing(props: {
  label: string;
  columns: readonly ListingColumn[];
  rows: readonly { readonly id: string; readonly cells: readonly ReactNode[] }[];
}) {
  const { label, columns, rows } = props;
  const side = (column: ListingColumn | undefined) => (column?.align === "right" ? "text-right" : "text-left");
  return (
    <table aria-label={label} className="w-full text-sm">
      <thead className="text-xs text-muted">
        <tr className="h-7 border-b border-line">
          {columns.map((column) => (
            <th key={column.id} scope="col" className={clsx("pr-4 font-medium last:pr-0", side(column))}>
              {column.header}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id} className="h-7 border-b border-line">
            {row.cells.map((cell, i) => (
              <td key={columns[i]?.id ?? i} className={clsx("pr-4 last:pr-0", side(columns[i]), columns[i]?.mono === true && "mono")}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
