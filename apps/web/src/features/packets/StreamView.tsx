"use client";
import { Download } from "lucide-react";
import { useState } from "react";
import { endpointText } from "../../domain/address.ts";
import type { Stream, StreamId, StreamPart } from "../../domain/packets/types.ts";
import { bytesText } from "../../domain/storage.ts";
import { visible } from "../../domain/text.ts";
import { exact } from "../../domain/units.ts";
import type { PagePackets } from "../../live/packets/pagePackets.ts";
import { Button } from "../../ui/Button.tsx";
import { Empty } from "../../ui/Notice.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { StreamBlock } from "../../ui/StreamBlock.tsx";
import { saveBlob } from "./saveBlob.ts";
import { partText, streamForms } from "./streamText.ts";
import type { StreamForm } from "./streamText.ts";
import { useAsked } from "./useAsked.ts";

export const streamText = (id: StreamId): string => `${id.transport}.${id.number}`;
export function streamOf(text: string): StreamId | null {
  const match = /^(tcp|udp)\.([0-9]{1,9})$/.exec(text);
  return match === null ? null : { transport: match[1] === "udp" ? "udp" : "tcp", number: Number(match[2]) };
}

type Side = "both" | "0" | "1";

/** What the two ends of a conversation said, in the order they said it; gaps are told. A part leads to the packet that brought it. */
export function StreamView(props: {
  session: PagePackets;
  stream: string;
  packets: number;
  onPacket: (number: number) => void;
  onOnly: (filter: string) => void;
}) {
  const { session, stream, packets, onPacket, onOnly } = props;
  const [form, setForm] = useState<StreamForm>("text");
  const [side, setSide] = useState<Side>("both");
  const id = streamOf(stream);
  const asked = useAsked(`${stream} ${packets}`, async () => (id === null ? null : session.client.followStream(id)));
  const found = asked.value;
  if (id === null || (found === null && !asked.pending))
    return (
      <Empty title="No conversation is followed">
        {asked.failed ?? "Choose a TCP or UDP packet in the list, and Follow stream in its menu or beside its layers."}
      </Empty>
    );
  if (found === null) return <Empty title="Putting the stream together">Segments are ordered by their sequence numbers.</Empty>;
  const names = found.sides.map((one) => endpointText(visible(one.address), one.port));
  const parts = withOffsets(found).filter((one) => side === "both" || String(one.part.side) === side);
  return (
    <section aria-label="Stream" className="flex min-h-0 flex-1 flex-col">
      <div className="flex min-h-9 shrink-0 flex-wrap items-center gap-3 border-b border-line px-4 py-1 text-xs">
        <h2 className="text-sm font-medium">
          {id.transport.toUpperCase()} stream {id.number}
        </h2>
        <Segmented label="Form" options={streamForms} value={form} onChange={setForm} />
        <Segmented<Side>
          label="Side"
          options={[
            { value: "both", label: "Both sides" },
            { value: "0", label: names[0] ?? "" },
            { value: "1", label: names[1] ?? "" },
          ]}
          value={side}
          onChange={setSide}
        />
        <p role="status" className="text-muted">
          {exact(found.packets)} packets, {bytesText(bytesOf(found, 0))} one way, {bytesText(bytesOf(found, 1))} the other
          {found.cut ? "; it is longer than what is shown" : ""}
        </p>
        <div className="ml-auto flex gap-2">
          <Button onClick={() => onOnly(found.filter)}>Show its packets</Button>
          <Button
            icon={<Download size={14} aria-hidden />}
            onClick={() => saveBlob(new Blob(parts.map(({ part }) => new Uint8Array(part.bytes))), `${streamText(id)}.bin`)}
          >
            Save bytes
          </Button>
        </div>
      </div>
      <div
        role="group"
        aria-label="What was said"
        tabIndex={0}
        className="flex min-h-0 flex-1 flex-col gap-2 overflow-auto p-4 focus-visible:-outline-offset-2"
      >
        {parts.length === 0 ? <Empty title="Nothing was said">No packet of this conversation brought bytes of its own.</Empty> : null}
        {parts.map(({ part, from }, i) => (
          <StreamBlock
            // Parts are only ever put together anew as a whole.
            // oxlint-disable-next-line react/no-array-index-key
            key={i}
            side={part.side}
            who={names[part.side] ?? ""}
            where={`packet ${part.number}`}
            gap={part.gap === 0 ? null : `${exact(part.gap)} bytes are not in the capture`}
            text={partText(part.bytes, form, from)}
            onWhere={() => onPacket(part.number)}
          />
        ))}
      </div>
    </section>
  );
}

const bytesOf = ({ parts }: Stream, side: 0 | 1): number => parts.reduce((sum, one) => sum + (one.side === side ? one.bytes.length : 0), 0);

/** Each part with how many bytes its side said before, gaps among them. */
function withOffsets({ parts }: Stream): { part: StreamPart; from: number }[] {
  const said: [number, number] = [0, 0];
  return parts.map((part) => {
    const from = said[part.side] + part.gap;
    said[part.side] = from + part.bytes.length;
    return { part, from };
  });
}
