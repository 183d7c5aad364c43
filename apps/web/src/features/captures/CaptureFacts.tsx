"use client";
import type { CaptureDetail } from "../../api/captures.ts";
import { bytesText } from "../../domain/storage.ts";
import { visible } from "../../domain/text.ts";
import { exact, span } from "../../domain/units.ts";
import { KeyValue } from "../../ui/KeyValue.tsx";
import { MenuValue } from "../../ui/MenuValue.tsx";
import { Meter } from "../../ui/Meter.tsx";
import { TimeAgo } from "../../ui/TimeAgo.tsx";
import { useValueMenu } from "../app/valueMenu.tsx";
import { captureEnd } from "./captureStates.ts";
import { expressionTarget } from "./captureTarget.ts";

/** What was asked for and how much of it is there. */
export function CaptureFacts({ capture }: { capture: CaptureDetail }) {
  const { show, menu } = useValueMenu({});
  const why = captureEnd(capture.endReason);
  const seconds = capture.endedAt === null ? null : (Date.parse(capture.endedAt) - Date.parse(capture.createdAt)) / 1000;
  return (
    <div className="grid gap-x-10 gap-y-4 border-b border-line p-4 md:grid-cols-2">
      <KeyValue
        items={[
          {
            key: "Expression",
            value: (
              <MenuValue onMenu={(at) => show(expressionTarget(capture), at)}>
                <code className="mono">{visible(capture.expression) || "everything"}</code>
              </MenuValue>
            ),
          },
          {
            key: "State",
            value:
              capture.endedAt === null ? (
                <>
                  Running, begun <TimeAgo at={capture.createdAt} say={span} />
                </>
              ) : (
                `Ended after ${span((seconds ?? 0) * 1000)}: ${why ?? ""}`
              ),
          },
          { key: "Bytes per packet", value: `${exact(capture.snaplen)}${capture.snaplen <= 128 ? ", headers" : ", headers and content"}` },
          ...(capture.reason === null ? [] : [{ key: "Reason", value: visible(capture.reason) }]),
          { key: "Begun by", value: visible(capture.createdBy) },
        ]}
      />
      <div className="flex flex-col gap-3">
        <Meter
          label="Packets"
          value={Number(capture.packets)}
          max={Number(capture.maxPackets)}
          text={`${exact(capture.packets)} of at most ${exact(capture.maxPackets)}`}
        />
        <Meter
          label="Captured bytes"
          value={Number(capture.bytes)}
          max={Number(capture.maxBytes)}
          text={`${bytesText(Number(capture.bytes))} of at most ${bytesText(Number(capture.maxBytes))}`}
        />
        <p className={capture.lost === "0" ? "text-sm text-muted" : "text-sm text-dropped"}>
          {capture.lost === "0"
            ? "Nothing that was taken is missing."
            : `${exact(capture.lost)} packets were taken and are not in the file.`}
        </p>
      </div>
      {menu}
    </div>
  );
}
