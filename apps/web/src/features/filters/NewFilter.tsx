"use client";
import { useState } from "react";
import type { FilterHost } from "../../api/filters.ts";
import { exact } from "../../domain/units.ts";
import { Button } from "../../ui/Button.tsx";
import { Field } from "../../ui/Field.tsx";
import { StatusDot } from "../../ui/StatusDot.tsx";
import { general } from "../account/words.ts";
import { FaultMark } from "./FaultMark.tsx";
import { PushDialog } from "./PushDialog.tsx";
import { type Verdict, useCheck } from "./useCheck.ts";

/** A whole number in bounds, or null. */
function wholeNumber(text: string, min: number, max: number): number | null {
  const value = Number(text);
  return /^\d+$/.test(text) && value >= min && value <= max ? value : null;
}

/** The line for one more expression, judged while it is typed, and the way to push it. */
export function NewFilter({ hosts }: { hosts: readonly FilterHost[] }) {
  const [expression, setExpression] = useState("");
  const [sample, setSample] = useState("1");
  const [snap, setSnap] = useState("128");
  const [asking, setAsking] = useState(false);
  const verdict = useCheck(expression);
  const sampleN = wholeNumber(sample, 1, 1_000_000);
  const snaplen = wholeNumber(snap, 0, 4096);
  const ready = verdict.state === "sound" && sampleN !== null && snaplen !== null;
  return (
    <form
      aria-label="New filter"
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) setAsking(true);
      }}
    >
      <div className="flex flex-wrap items-start gap-3">
        <Field
          label="Filter expression"
          mono
          className="min-w-64 flex-1"
          value={expression}
          onChange={(event) => setExpression(event.target.value)}
          error={verdict.state === "wrong" ? verdict.message : undefined}
          hint={verdict.state === "wrong" ? undefined : "As tcpdump understands it: addresses and ports, but no names of hosts."}
          placeholder="udp port 53"
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
        />
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
        <Button type="submit" look="primary" size="form" className="mt-6" disabled={!ready}>
          Push to all hosts
        </Button>
      </div>
      <Judgement verdict={verdict} expression={expression} />
      {ready ? (
        <PushDialog
          filter={{ expression, sampleN, snaplen }}
          hosts={hosts}
          open={asking}
          onOpenChange={setAsking}
          onPushed={() => setExpression("")}
        />
      ) : null}
    </form>
  );
}

function Judgement({ verdict, expression }: { verdict: Verdict; expression: string }) {
  switch (verdict.state) {
    case "wrong":
      return <FaultMark expression={expression} position={verdict.position} length={verdict.length} />;
    case "empty":
      return null;
    case "checking":
      return <Word look={{ tone: "muted", shape: "half", label: "Checking" }} />;
    case "sound":
      return <Word look={{ tone: "ok", shape: "filled", label: `Compiles to ${sizes(verdict)}` }} />;
    case "unknown":
      return <Word look={{ tone: "dropped", shape: "crossed", label: `Not checked. ${general(verdict.error).title}` }} />;
  }
}

function Word({ look }: { look: Parameters<typeof StatusDot>[0] }) {
  return (
    <span role="status" aria-label="Expression" className="text-sm">
      <StatusDot {...look} />
    </span>
  );
}

/** `20 instructions for Ethernet, 18 for bare IP`. */
function sizes({ ethernet, raw }: { ethernet: number; raw: number | null }): string {
  const bare = raw === null ? "matches nothing on devices without a link header" : `${exact(raw)} for devices without a link header`;
  return `${exact(ethernet)} instructions for Ethernet; ${bare}`;
}
