import { safeJson, safeText } from "./text.ts";

export const formats = ["table", "json", "csv", "ndjson"] as const;
export type Format = (typeof formats)[number];
export type Cell = string | number | null;
/** A column of a table or CSV; JSON has the rows as the hub sent them. */
export type Column<T> = { readonly head: string; readonly of: (row: T) => Cell; readonly right?: boolean };

/** Rows in a format, as lines with their ends. `bold` is for the heads of a table on a terminal. */
export function* formatRows<T>(rows: readonly T[], columns: readonly Column<T>[], format: Format, bold = false): Generator<string> {
  switch (format) {
    case "json":
      yield `${safeJson(rows, 2)}\n`;
      return;
    case "ndjson":
      for (const row of rows) yield `${safeJson(row)}\n`;
      return;
    case "csv":
      yield csvLine(columns.map((column) => column.head));
      for (const row of rows) yield csvLine(columns.map((column) => column.of(row)));
      return;
    case "table":
      yield* tableLines(rows, columns, bold);
  }
}

/** RFC 4180. A text that a spreadsheet would take for a formula begins with an apostrophe. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

function csvCell(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const text = safeText(cell);
  const harmless = /^[=+\-@]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

function* tableLines<T>(rows: readonly T[], columns: readonly Column<T>[], bold: boolean): Generator<string> {
  const cells = rows.map((row) => columns.map((column) => shown(column.of(row))));
  const widths = columns.map((column, i) => cells.reduce((width, line) => Math.max(width, line[i]!.length), column.head.length));
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, i) => (columns[i]!.right ? text.padStart(widths[i]!) : text.padEnd(widths[i]!)))
      .join("  ")
      .trimEnd();
  const head = line(columns.map((column) => column.head.toUpperCase()));
  yield bold ? `\u001b[1m${head}\u001b[0m\n` : `${head}\n`;
  for (const texts of cells) yield `${line(texts)}\n`;
}

const shown = (cell: Cell): string => (cell === null || cell === "" ? "-" : safeText(String(cell)));
