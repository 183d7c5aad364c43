import { visible } from "../../domain/text.ts";

/** So much of the expression is shown on either side of its fault. */
const AROUND = 60;

/** The expression once more, with the place that is wrong marked. Position and length in UTF-16 units. */
export function FaultMark({ expression, position, length }: { expression: string; position: number; length: number }) {
  const from = Math.max(0, position - AROUND);
  const to = position + length;
  const end = Math.min(expression.length, to + AROUND);
  return (
    <p className="mono overflow-hidden pb-1 text-sm text-ellipsis whitespace-pre text-muted" aria-label="Place of the fault">
      {from > 0 ? "…" : ""}
      {visible(expression.slice(from, position))}
      <mark className="rounded-[2px] bg-transparent px-px font-medium text-dropped underline decoration-dropped decoration-wavy underline-offset-4">
        {length === 0 ? "▁" : visible(expression.slice(position, to))}
      </mark>
      {visible(expression.slice(to, end))}
      {end < expression.length ? "…" : ""}
    </p>
  );
}
