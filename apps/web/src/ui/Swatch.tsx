/** A colour of the tokens by its name, which stands beside it. */
export function Swatch({ tone }: { tone: string }) {
  return <span aria-hidden className="size-4 shrink-0 rounded-sm" style={{ background: `var(--${tone})` }} />;
}
