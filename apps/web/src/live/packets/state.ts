import type { Contents } from "./contents.ts";
import type { TableState } from "./messages.ts";

/** What the worker tells of itself. */
export function tableState(contents: Contents, { filter, revision }: { filter: string; revision: number }): TableState {
  const { table, view, name, phase, bytes, totalBytes, error, comments } = contents;
  const span = table.timeSpan;
  return {
    phase,
    name,
    bytes,
    totalBytes,
    packets: table.length,
    firstNumber: table.firstNumber,
    shown: view.length,
    filter,
    unfiltered: view.behind,
    error,
    interfaces: table.interfaces,
    comments,
    startNs: span === null ? null : table.timeNs(span.first),
    endNs: span === null ? null : table.timeNs(span.last),
    revision,
  };
}
