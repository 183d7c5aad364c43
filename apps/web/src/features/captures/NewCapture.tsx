"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import {
  createCapture,
  HEADER_SNAPLEN,
  invalidateCapture,
  MAX_CAPTURE_BYTES,
  MAX_CAPTURE_PACKETS,
  MAX_CAPTURE_SECONDS,
  type CreateCaptureRequest,
} from "../../api/captures.ts";
import { hostCount } from "../../domain/text.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Field } from "../../ui/Field.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { general } from "../account/words.ts";
import { HostsField, useHostChoice } from "../app/HostsField.tsx";
import { useServices } from "../app/services.tsx";
import { ExpressionField } from "../filters/ExpressionField.tsx";
import { useCheck } from "../filters/useCheck.ts";
import { wholeNumber } from "../filters/wholeNumber.ts";

const MB = 1_000_000;

/** `expression` and `hosts` are what it begins with. */
export type NewCaptureProps = { expression: string; hosts: string; onClose: () => void; onStarted: (id: string) => void };

/** What is captured, on which hosts, how much of each packet and until when. */
export function NewCapture({ expression: offered, hosts: offeredHosts, onClose, onStarted }: NewCaptureProps) {
  const { api, queries } = useServices();
  const [expression, setExpression] = useState(offered);
  const [hosts, setHosts] = useState(offeredHosts);
  const [reason, setReason] = useState("");
  const [text, setText] = useState({ snaplen: String(HEADER_SNAPLEN), seconds: "60", packets: "100000", megabytes: "100" });
  const verdict = useCheck(expression);
  const read = useHostChoice(hosts);
  const snaplen = wholeNumber(text.snaplen, 0, 4096);
  const seconds = wholeNumber(text.seconds, 1, MAX_CAPTURE_SECONDS);
  const maxPackets = wholeNumber(text.packets, 1, MAX_CAPTURE_PACKETS);
  const megabytes = wholeNumber(text.megabytes, 1, MAX_CAPTURE_BYTES / MB);
  const payload = snaplen !== null && snaplen > HEADER_SNAPLEN;
  const sound = verdict.state === "sound" || verdict.state === "empty";
  const request = requestOf();
  const start = useMutation({
    mutationFn: (body: CreateCaptureRequest) => createCapture(api, body),
    onSuccess: ({ id }) => {
      invalidateCapture(queries, id);
      onStarted(id);
    },
  });

  function requestOf(): CreateCaptureRequest | null {
    if (!sound || snaplen === null || seconds === null || maxPackets === null || megabytes === null) return null;
    if (read?.ok !== true || read.hosts.length === 0 || (payload && reason.trim().length < 4)) return null;
    const { choice } = read;
    const chosen = typeof choice === "object" && !("labels" in choice) ? [...choice] : choice;
    return { expression, hosts: chosen, snaplen, seconds, maxPackets, maxBytes: megabytes * MB, ...(payload ? { reason } : {}) };
  }
  const number = (name: keyof typeof text, label: string, value: number | null, bounds: string, hint?: string) => (
    <Field
      label={label}
      className="min-w-28 flex-1"
      inputMode="numeric"
      value={text[name]}
      onChange={(event) => setText({ ...text, [name]: event.target.value })}
      error={value === null ? bounds : undefined}
      hint={hint}
    />
  );
  return (
    <Dialog
      title="Start a capture"
      description="Packets that match are kept on the hub, from all chosen hosts in one file. It ends at the first limit."
      open
      onOpenChange={(open) => open || start.isPending || onClose()}
    >
      <form
        aria-label="New capture"
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (request !== null) start.mutate(request);
        }}
      >
        <ExpressionField value={expression} onChange={setExpression} verdict={verdict} />
        <HostsField text={hosts} onText={setHosts} read={read} names />
        <div className="flex flex-wrap gap-3">
          {number("seconds", "Seconds", seconds, `1 to ${MAX_CAPTURE_SECONDS}`)}
          {number("packets", "Packets", maxPackets, "1 to 10 000 000", "of all hosts")}
          {number("megabytes", "Megabytes", megabytes, "1 to 2 000", "of all hosts")}
          {number("snaplen", "Bytes per packet", snaplen, "0 to 4096", payload ? "headers and content" : "headers")}
        </div>
        {payload ? (
          <Field
            label="Reason"
            value={reason}
            maxLength={500}
            onChange={(event) => setReason(event.target.value)}
            hint={`More than ${HEADER_SNAPLEN} bytes show what is said, not only who speaks. The reason is kept in the trail and shown on the capture. A host may allow less.`}
          />
        ) : null}
        {start.error === null ? null : (
          <Notice kind="error" title={general(start.error).title}>
            {start.error.message} {general(start.error).todo}
          </Notice>
        )}
        <div className="flex justify-end gap-2">
          <Button size="form" disabled={start.isPending} onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" look="primary" size="form" disabled={request === null} busy={start.isPending}>
            Start on {hostCount(read?.ok === true ? read.hosts.length : 0)}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
