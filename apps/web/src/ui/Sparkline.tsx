const WIDTH = 80;
const HEIGHT = 18;

/** A minute of a rate in a table cell, from zero to its own highest; a dash when there is nothing yet. */
export function Sparkline({ values, label }: { values: readonly number[]; label: string }) {
  if (values.length < 2) return <span className="inline-block w-20" aria-hidden />;
  const top = Math.max(...values, 1e-9);
  const step = WIDTH / 59;
  const from = WIDTH - (values.length - 1) * step;
  const points = values.map((value, i) => `${(from + i * step).toFixed(1)},${(HEIGHT - 1.5 - (value / top) * (HEIGHT - 3)).toFixed(1)}`);
  return (
    <svg
      role="img"
      aria-label={label}
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      className="inline-block text-accent"
    >
      <polyline points={points.join(" ")} fill="none" stroke="currentColor" strokeWidth="1.25" strokeLinejoin="round" />
    </svg>
  );
}
