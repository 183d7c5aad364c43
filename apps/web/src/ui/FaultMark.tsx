/** So much of a text is shown on either side of its fault. */
const AROUND = 60;

export type FaultMarkProps = {
  text: string;
  /** In UTF-16 units. */
  position: number;
  length: number;
  /** How characters that cannot be seen are written. */
  visible: (text: string) => string;
};

/** A text once more, with the place that is wrong marked. */
export function FaultMark({ text, position, length, visible }: FaultMarkProps) {
  const from = Math.max(0, position - AROUND);
  const to = position + length;
  const end = Math.min(text.length, to + AROUND);
  return (
    <p className="mono overflow-hidden pb-1 text-sm text-ellipsis whitespace-pre text-muted" aria-label="Place of the fault">
      {from > 0 ? "…" : ""}
      {visible(text.slice(from, position))}
      <mark className="rounded-[2px] bg-transparent px-px font-medium text-dropped underline decoration-dropped decoration-wavy underline-offset-4">
        {length === 0 ? "▁" : visible(text.slice(position, to))}
      </mark>
      {visible(text.slice(to, end))}
      {end < text.length ? "…" : ""}
    </p>
  );
}
