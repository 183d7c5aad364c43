"use client";
import { hostCount } from "../../domain/text.ts";
import { useState } from "react";
import type { FilterHost } from "../../api/filters.ts";
import { Button } from "../../ui/Button.tsx";
import { Field } from "../../ui/Field.tsx";
import { HostsField, useHostChoice } from "../app/HostsField.tsx";
import { ExpressionField } from "./ExpressionField.tsx";
import { PushDialog } from "./PushDialog.tsx";
import { Trial } from "./Trial.tsx";
import { useCheck } from "./useCheck.ts";
import { wholeNumber } from "./wholeNumber.ts";

/** What the editor begins with; `labels` as they are typed. */
export type FilterDraft = { readonly expression: string; readonly labels: string; readonly sampleN: number; readonly snaplen: number };

/** An editor for one more filter: judged while it is typed, tried on the hosts, then pushed to those it is for. */
export function NewFilter({ hosts, draft }: { hosts: readonly FilterHost[]; draft: FilterDraft }) {
  const [expression, setExpression] = useState(draft.expression);
  const [sample, setSample] = useState(String(draft.sampleN));
  const [snap, setSnap] = useState(String(draft.snaplen));
  const [labels, setLabels] = useState(draft.labels);
  const [asking, setAsking] = useState(false);
  const [trying, setTrying] = useState(false);
  const verdict = useCheck(expression);
  const choice = useHostChoice(labels);
  const named = labels.split(/[\s,]+/).find((word) => word !== "" && !word.includes("="));
  const read = named === undefined ? choice : ({ ok: false, message: `${named}: a filter is for labels, key=value` } as const);
  const sampleN = wholeNumber(sample, 1, 1_000_000);
  const snaplen = wholeNumber(snap, 0, 4096);
  const selector = read?.ok === true && typeof read.choice === "object" && "labels" in read.choice ? read.choice.labels : null;
  const chosen = read?.ok === true ? hosts.filter((host) => read.hosts.some((one) => one.id === host.hostId)) : [];
  const ready = verdict.state === "sound" && sampleN !== null && snaplen !== null && read?.ok === true;
  return (
    <form
      aria-label="New filter"
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) setAsking(true);
      }}
    >
      <div className="flex flex-wrap items-start gap-3">
        <ExpressionField value={expression} onChange={setExpression} verdict={verdict} />
        <HostsField text={labels} onText={setLabels} read={read} names={false} className="w-60" />
        <Field
          label="Record 1 in"
          className="w-28"
          inputMode="numeric"
          value={sample}
          onChange={(event) => setSample(event.target.value)}
          error={sampleN === null ? "1 to 1 000 000" : undefined}
        />
        <Field
          label="Bytes per packet"
          className="w-32"
          inputMode="numeric"
          value={snap}
          onChange={(event) => setSnap(event.target.value)}
          error={snaplen === null ? "0 to 4096" : undefined}
        />
        <div className="mt-6 flex gap-2">
          <Button size="form" disabled={!ready} onClick={() => setTrying(true)}>
            Try for 10 s
          </Button>
          <Button type="submit" look="primary" size="form" disabled={!ready}>
            {selector === null ? "Push to all hosts" : `Push to ${hostCount(chosen.length)}`}
          </Button>
        </div>
      </div>
      {ready ? (
        <>
          <Trial key={`${expression} ${labels}`} expression={expression} choice={read.choice} open={trying} onOpenChange={setTrying} />
          <PushDialog
            filter={{ expression, sampleN, snaplen, selector }}
            hosts={chosen}
            open={asking}
            onOpenChange={setAsking}
            onPushed={() => setExpression("")}
          />
        </>
      ) : null}
    </form>
  );
}
