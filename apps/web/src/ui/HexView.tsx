"use client";
import clsx from "clsx";
import { useRef } from "react";
import type { KeyboardEvent, PointerEvent } from "react";

export type ByteRange = readonly [from: number, to: number];
const WIDTH = 16;
/** Columns of one byte in hex: two digits and a space. */
const HEX_COLUMNS = 3;

export type HexViewProps = {
  bytes: DataView;
  /** Stand out in hex and in text. */
  marked: ByteRange | null;
  /** Framed within what is marked, or beside it: what the pointer is on. */
  hovered?: ByteRange | null;
  /** A byte was clicked, or walked to by keys. */
  onPick?: (at: number) => void;
  /** The pointer is on a byte; null: on none. */
  onHover?: (at: number | null) => void;
};

/** Offset, 16 bytes in hex, the same as printable ASCII. With `onPick`, bytes can be clicked and walked by arrow keys. */
export function HexView({ bytes, marked, hovered = null, onPick, onHover }: HexViewProps) {
  const cursor = useRef(0);
  const over = useRef<number | null>(null);
  const lines = Array.from({ length: Math.ceil(bytes.byteLength / WIDTH) }, (_, i) => i * WIDTH);
  const hover = (at: number | null) => {
    if (over.current === at) return;
    over.current = at;
    onHover?.(at);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const from = marked === null ? -1 : Math.min(Math.max(cursor.current, marked[0]), Math.max(marked[0], marked[1] - 1));
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: WIDTH, ArrowUp: -WIDTH }[event.key];
    if (step === undefined || onPick === undefined || bytes.byteLength === 0) return;
    event.preventDefault();
    cursor.current = from < 0 ? 0 : Math.min(bytes.byteLength - 1, Math.max(0, from + step));
    onPick(cursor.current);
  };
  return (
    // Every byte can be reached by arrow keys too.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      role="group"
      aria-label="Bytes"
      tabIndex={onPick === undefined ? undefined : 0}
      onKeyDown={onKeyDown}
      onPointerMove={onHover === undefined ? undefined : (event) => hover(byteAt(event, bytes.byteLength))}
      onPointerLeave={onHover === undefined ? undefined : () => hover(null)}
      onClick={(event) => {
        const at = onPick === undefined ? null : byteAt(event, bytes.byteLength);
        if (at === null) return;
        cursor.current = at;
        onPick?.(at);
      }}
      className="mono text-xs leading-5 focus-visible:-outline-offset-2"
    >
      {lines.map((at) => (
        <div key={at} className="flex gap-3 whitespace-pre [contain-intrinsic-height:20px] [content-visibility:auto]">
          <span className="text-muted">{at.toString(16).padStart(4, "0")}</span>
          <span className="w-[47ch] shrink-0" data-hex={at}>
            <Cells bytes={bytes} at={at} marked={marked} hovered={hovered} text={hex} gap />
          </span>
          <span className="text-muted" aria-hidden data-text={at}>
            <Cells bytes={bytes} at={at} marked={marked} hovered={hovered} text={ascii} />
          </span>
        </div>
      ))}
    </div>
  );
}

/** The byte under the pointer, by where it is in its line of equally wide signs: no byte needs an element of its own. */
function byteAt(event: PointerEvent | React.MouseEvent, length: number): number | null {
  const cells = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-hex],[data-text]") : null;
  if (cells === null) return null;
  const { hex: ofHex, text: ofText } = cells.dataset;
  const from = Number(ofHex ?? ofText);
  const box = cells.getBoundingClientRect();
  const columns = ofHex === undefined ? Math.min(WIDTH, length - from) : WIDTH * HEX_COLUMNS - 1;
  const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
  const at = from + (ofHex === undefined ? column : Math.floor(column / HEX_COLUMNS));
  return column >= 0 && at < Math.min(length, from + WIDTH) ? at : null;
}

const hex = (byte: number): string => byte.toString(16).padStart(2, "0");
const ascii = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".");

type CellsProps = {
  bytes: DataView;
  at: number;
  marked: ByteRange | null;
  hovered: ByteRange | null;
  text: (byte: number) => string;
  gap?: boolean;
};

/** One line of bytes in at most five runs, so that marking costs few elements and not sixteen. */
function Cells({ bytes, at, marked, hovered, text, gap = false }: CellsProps) {
  const end = Math.min(bytes.byteLength, at + WIDTH);
  const isIn = (range: ByteRange | null, byte: number): boolean => range !== null && byte >= range[0] && byte < range[1];
  const runs: { from: number; to: number; marked: boolean; hovered: boolean }[] = [];
  for (let byte = at; byte < end; byte++) {
    const [inMarked, inHovered] = [isIn(marked, byte), isIn(hovered, byte)];
    const last = runs.at(-1);
    if (last !== undefined && last.marked === inMarked && last.hovered === inHovered) last.to = byte + 1;
    else runs.push({ from: byte, to: byte + 1, marked: inMarked, hovered: inHovered });
  }
  const space = gap ? " " : "";
  return runs.map((run) => (
    <span key={run.from}>
      <span
        className={clsx(
          run.marked && "bg-selected text-ink outline-1 outline-accent",
          run.hovered && !run.marked && "bg-hover text-ink outline-1 outline-edge",
          run.hovered && run.marked && "font-semibold",
        )}
      >
        {Array.from({ length: run.to - run.from }, (_, i) => text(bytes.getUint8(run.from + i))).join(space)}
      </span>
      {run.to < end ? space : ""}
    </span>
  ));
}
