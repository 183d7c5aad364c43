"use client";
import { useId } from "react";
import { completePcap } from "../../domain/pcapFilter/complete.ts";
import { visible } from "../../domain/text.ts";
import { exact } from "../../domain/units.ts";
import { ExpressionInput } from "../../ui/ExpressionInput.tsx";
import { StatusDot } from "../../ui/StatusDot.tsx";
import { general } from "../account/words.ts";
import { FaultMark } from "../../ui/FaultMark.tsx";
import type { Verdict } from "./useCheck.ts";

export type ExpressionFieldProps = { value: string; onChange: (value: string) => void; verdict: Verdict };

/** The line for a capture filter, in tcpdump's language; libpcap's judgement stands below it. */
export function ExpressionField({ value, onChange, verdict }: ExpressionFieldProps) {
  const id = useId();
  const wrong = verdict.state === "wrong";
  return (
    <div className="flex min-w-64 flex-1 flex-col gap-1">
      <span className="text-sm font-medium" aria-hidden>
        Filter expression
      </span>
      <ExpressionInput
        label="Filter expression"
        placeholder="udp port 53"
        value={value}
        onChange={onChange}
        complete={completePcap}
        faultId={wrong ? id : null}
        maxLength={8192}
      />
      <div id={id} className="min-h-4 text-xs">
        {wrong ? (
          <>
            <p className="text-dropped">{verdict.message}</p>
            <FaultMark text={value} position={verdict.position} length={verdict.length} visible={visible} />
          </>
        ) : (
          <Judgement verdict={verdict} />
        )}
      </div>
    </div>
  );
}

function Judgement({ verdict }: { verdict: Exclude<Verdict, { state: "wrong" }> }) {
  switch (verdict.state) {
    case "empty":
      return <p className="text-muted">As tcpdump understands it: addresses and ports, but no names of hosts.</p>;
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
    <span role="status" aria-label="Expression">
      <StatusDot {...look} />
    </span>
  );
}

/** `20 instructions for Ethernet; 18 for devices without a link header`. */
function sizes({ ethernet, raw }: { ethernet: number; raw: number | null }): string {
  const bare = raw === null ? "matches nothing on devices without a link header" : `${exact(raw)} for devices without a link header`;
  return `${exact(ethernet)} instructions for Ethernet; ${bare}`;
}
