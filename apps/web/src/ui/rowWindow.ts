/** Height of a row and of the header, px (docs/design.md). */
export const ROW = 28;
/** Rows drawn on either side of those in sight. */
const OVERSCAN = 8;
/** Browsers cap the height of an element, the lowest at some 16 million px: taller lists scroll at another scale. */
export const MAX_HEIGHT = 12_000_000;

/** Where a list of equal rows stands. Offsets are px from the first row; `drawn` ones are those of the scrolled element. */
export type RowWindow = {
  /** Height of the scrolled element's content. */
  readonly height: number;
  /** Pixels of the list to one pixel of scrolling; 1 but for very long lists. */
  readonly scale: number;
  /** Offset of the list's first visible pixel. */
  readonly offset: number;
  /** First row to draw, and the one behind the last. */
  readonly first: number;
  readonly end: number;
  /** Added to a row's offset, it is where the row is drawn. */
  readonly shift: number;
};

/** `top`: how far it is scrolled, px; `view`: height of what is seen of the rows, px. */
export function rowWindow(count: number, top: number, view: number): RowWindow {
  const all = count * ROW;
  const height = Math.min(all, MAX_HEIGHT);
  const scale = all > MAX_HEIGHT ? (all - view) / (height - view) : 1;
  const drawn = Math.max(0, Math.min(top, height - view));
  const offset = drawn * scale;
  return {
    height,
    scale,
    offset,
    first: Math.max(0, Math.floor(offset / ROW) - OVERSCAN),
    end: Math.min(count, Math.ceil((offset + view) / ROW) + OVERSCAN),
    shift: drawn - offset,
  };
}

/** How far to scroll so that a row is in sight, the least way; null when it is. */
export function scrollTo(row: number, { offset, scale }: RowWindow, view: number): number | null {
  const at = row * ROW;
  if (at < offset) return at / scale;
  return at + ROW > offset + view ? (at + ROW - view) / scale : null;
}
