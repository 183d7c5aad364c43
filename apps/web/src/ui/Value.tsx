import clsx from "clsx";

/** A number as text that is already formatted; `–` reads as "unknown", and `±` as what it is. */
export function Value({ text, unit, title, className }: { text: string; unit?: string; title?: string; className?: string }) {
  const unknown = text === "–";
  return (
    <span className={clsx("whitespace-nowrap tabular-nums", unknown && "text-muted", className)} title={title}>
      {unknown ? (
        <>
          <span aria-hidden>–</span>
          <span className="sr-only">unknown</span>
        </>
      ) : (
        text
      )}
      {unit === undefined || unknown ? null : <span className="ml-1 text-xs text-muted">{unit}</span>}
    </span>
  );
}
