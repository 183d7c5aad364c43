import clsx from "clsx";

export type ByteRange = readonly [from: number, to: number];
const WIDTH = 16;

/** Offset, 16 bytes in hex, the same as printable ASCII; `marked` bytes stand out in both. */
export function HexView({ bytes, marked }: { bytes: DataView; marked: ByteRange | null }) {
  const lines = Array.from({ length: Math.ceil(bytes.byteLength / WIDTH) }, (_, i) => i * WIDTH);
  return (
    <div role="group" aria-label="Bytes" className="mono text-xs leading-5">
      {lines.map((at) => (
        <div key={at} className="flex gap-3 whitespace-pre">
          <span className="text-muted">{at.toString(16).padStart(4, "0")}</span>
          <span className="w-[47ch] shrink-0">
            <Cells bytes={bytes} at={at} marked={marked} text={hex} gap />
          </span>
          <span className="text-muted" aria-hidden>
            <Cells bytes={bytes} at={at} marked={marked} text={ascii} />
          </span>
        </div>
      ))}
    </div>
  );
}

const hex = (byte: number): string => byte.toString(16).padStart(2, "0");
const ascii = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".");

type CellsProps = { bytes: DataView; at: number; marked: ByteRange | null; text: (byte: number) => string; gap?: boolean };

/** One line of bytes in at most three runs, so that marking costs three elements and not sixteen. */
function Cells({ bytes, at, marked, text, gap = false }: CellsProps) {
  const end = Math.min(bytes.byteLength, at + WIDTH);
  const from = Math.min(end, Math.max(at, marked?.[0] ?? end));
  const to = Math.min(end, Math.max(from, marked?.[1] ?? end));
  const run = (a: number, b: number): string => Array.from({ length: b - a }, (_, i) => text(bytes.getUint8(a + i))).join(gap ? " " : "");
  const space = gap ? " " : "";
  return (
    <>
      {run(at, from)}
      {from > at && from < end ? space : ""}
      <span className={clsx(to > from && "bg-selected text-ink outline-1 outline-accent")}>{run(from, to)}</span>
      {to < end && to > from ? space : ""}
      {run(to, end)}
    </>
  );
}
