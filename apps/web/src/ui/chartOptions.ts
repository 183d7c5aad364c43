import type uPlot from "uplot";

/** One line of a chart. `color` is a token name of docs/design.md; values line up with the chart's times, null is unknown. */
export type ChartSeries = {
  readonly id: string;
  readonly label: string;
  readonly color: string;
  readonly dash?: readonly number[];
  readonly values: readonly (number | null)[];
  readonly shown: boolean;
};

export type ChartLook = {
  readonly series: readonly ChartSeries[];
  readonly seconds: number;
  readonly format: (value: number) => string;
  readonly timeText: (x: number) => string;
  readonly syncKey: string;
  readonly width: number;
  readonly height: number;
  readonly onCursor: (index: number | null) => void;
  /** A stretch was dragged over; null: it cannot be. */
  readonly onZoom: ((from: number, to: number) => void) | null;
};

const AXIS_FONT = '12px "Inter Variable", system-ui, sans-serif';

/** The value of a colour token as it is now, in the reader's theme: canvas knows no CSS variables. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** uPlot's options for rates over a sliding window: from zero, gaps are gaps, points only where a second stands alone. */
export function chartOptions(look: ChartLook): uPlot.Options {
  const axis = { stroke: token("muted"), font: AXIS_FONT, grid: { stroke: token("line"), width: 1 }, ticks: { show: false } };
  return {
    width: look.width,
    height: look.height,
    // Room at the right for half of the newest time's label.
    padding: [8, 30, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: look.syncKey, setSeries: false },
      points: { size: 6 },
      drag: { x: look.onZoom !== null, y: false, setScale: false },
    },
    scales: {
      x: { time: false, range: (_u, _min, max) => [max - look.seconds, max] },
      y: { range: (_u, _min, max) => [0, Number.isFinite(max) && max > 0 ? max * 1.08 : 1] },
    },
    axes: [
      {
        ...axis,
        size: 24,
        gap: 4,
        space: 80,
        splits: (u, _i, min, max) => timeSplits(min, max, u.width),
        values: (_u, xs) => xs.map(look.timeText),
      },
      { ...axis, size: 56, gap: 6, space: 32, values: (_u, ys) => ys.map(look.format) },
    ],
    series: [{}, ...look.series.map(lineOf)],
    hooks: {
      drawClear: [hatchGaps],
      setCursor: [(u) => look.onCursor(u.cursor.idx ?? null)],
      setSelect: [(u) => zoomed(u, look.onZoom)],
    },
  };
}

/** Pixels that are dragged at least: less is a click. */
const LEAST_DRAG = 5;

function zoomed(u: uPlot, onZoom: ChartLook["onZoom"]): void {
  const { left, width } = u.select;
  if (width === 0) return;
  u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  if (width >= LEAST_DRAG) onZoom?.(u.posToVal(left, "x"), u.posToVal(left + width, "x"));
}

/** Seconds between two times on the axis; those of less than a minute only where all of it is short. */
const SHORT = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20] as const;
const SPLITS = [60, 300, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400, 604_800] as const;
const MOST_SPLITS = 12;
const SHORT_SECONDS = 120;
/** Pixels that a label of the time axis takes with its distance to the next. */
const LABEL = 84;

/** Whole minutes, or longer steps where these would be too many, counted back from the newest second. */
function timeSplits(min: number, max: number, width: number): number[] {
  const most = Math.max(1, Math.min(MOST_SPLITS, Math.floor(width / LABEL) - 1));
  const steps = max - min < SHORT_SECONDS ? SHORT : SPLITS;
  const step = steps.find((one) => (max - min) / one <= most) ?? Math.ceil((max - min) / most);
  const splits: number[] = [];
  // A short stretch has no newest second that a reader knows: its times are round.
  for (let x = steps === SHORT ? Math.floor(max / step) * step : max; step > 0 && x >= min; x -= step) splits.unshift(x);
  return splits;
}

function lineOf(series: ChartSeries): uPlot.Series {
  const color = token(series.color);
  return {
    label: series.label,
    show: series.shown,
    stroke: color,
    width: 1.5,
    spanGaps: false,
    points: { show: true, size: 4, fill: color, width: 0, filter: (u, index) => alone(u.data[index]) },
    ...(series.dash === undefined ? {} : { dash: [...series.dash] }),
  };
}

/** Indexes of values without a neighbour, which a line cannot show. */
function alone(values: ArrayLike<number | null | undefined> | undefined): number[] {
  const found: number[] = [];
  for (let i = 0; i < (values?.length ?? 0); i++) {
    const bare = (at: number): boolean => values?.[at] === null || values?.[at] === undefined;
    if (!bare(i) && bare(i - 1) && bare(i + 1)) found.push(i);
  }
  return found;
}

/** Marks stretches of which nothing is known: hatched, as docs/design.md says of lost data. */
function hatchGaps(u: uPlot): void {
  const xs = u.data[0];
  const first = u.data[1];
  if (first === undefined) return;
  for (let i = 1; i < xs.length; i++) {
    if (first[i] !== null) continue;
    const from = u.valToPos(xs[i - 1] ?? 0, "x", true);
    const to = u.valToPos(xs[i] ?? 0, "x", true);
    hatch(u, Math.max(from, u.bbox.left), to);
  }
}

function hatch(u: uPlot, from: number, to: number): void {
  if (to <= from) return;
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(from, bbox.top, to - from, bbox.height);
  ctx.clip();
  ctx.strokeStyle = token("edge");
  ctx.globalAlpha = 0.5;
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (let x = from - bbox.height; x < to; x += 7) {
    ctx.moveTo(x, bbox.top + bbox.height);
    ctx.lineTo(x + bbox.height, bbox.top);
  }
  ctx.stroke();
  ctx.restore();
}
