"use client";
import type { Layer } from "../../domain/layers/index.ts";
import type { ByteRange } from "../../ui/HexView.tsx";

/** What is looked at least, folded so that the rest is in sight. */
const folded = new Set(["Frame", "Ethernet"]);

/** Layers as disclosures, outermost first. Pointer or focus on a field marks its bytes. */
export function LayerTree({ layers, onMark }: { layers: readonly Layer[]; onMark: (range: ByteRange | null) => void }) {
  return (
    <div role="group" aria-label="Layers" onPointerLeave={() => onMark(null)}>
      {layers.map((layer, index) => (
        <details key={`${index}-${layer.name}`} open={!folded.has(layer.name) || layers.length < 3} className="border-b border-line">
          <summary
            className="flex h-7 items-center gap-2 bg-surface px-4 focus-visible:-outline-offset-2"
            onPointerEnter={() => onMark(layer.range)}
            onFocus={() => onMark(layer.range)}
          >
            <span className="font-medium">{layer.name}</span>
            <span className="mono min-w-0 truncate text-xs text-muted">{layer.summary}</span>
          </summary>
          <dl className="py-1">
            {layer.fields.map((field, i) => (
              <div
                key={`${i}-${field.name}`}
                tabIndex={0}
                onPointerEnter={() => onMark(field.range)}
                onFocus={() => onMark(field.range)}
                className="grid grid-cols-[156px_minmax(0,1fr)] gap-3 px-4 py-0.5 hover:bg-hover focus-visible:-outline-offset-2"
              >
                <dt className="text-muted">{field.name}</dt>
                <dd className="mono break-words">{field.value}</dd>
              </div>
            ))}
          </dl>
        </details>
      ))}
    </div>
  );
}
