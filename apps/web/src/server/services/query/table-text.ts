import type { ExportFormat } from "@sonde/protocol/rest";

type Cell = string | number | null;
/** Rows of one shape as text, a line each. */
export type TableText = { readonly contentType: string; readonly head: string; line(cells: readonly Cell[]): string };

/** NDJSON (an object a line) or CSV (RFC 4180) of rows with these columns. */
export function tableText(format: ExportFormat, columns: readonly string[]): TableText {
  switch (format) {
    case "ndjson":
      return {
        contentType: "application/x-ndjson; charset=utf-8",
        head: "",
        line: (cells) => `${JSON.stringify(Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? null])))}\n`,
      };
    case "csv":
      return {
        contentType: "text/csv; charset=utf-8; header=present",
        head: csvLine(columns),
        line: csvLine,
      };
  }
}

function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

/** Spreadsheets take a text that begins like this for a formula, and run it: an apostrophe makes it a text again. */
const FORMULA = /^[=+\-@\t\r]/;

function csvCell(cell: Cell): string {
  if (cell === null) return "";
  const text = typeof cell === "string" && FORMULA.test(cell) ? `'${cell}` : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
