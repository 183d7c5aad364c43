import type { HostStatus } from "../../api/types.ts";
import { hostState } from "../../domain/states.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { LedgerLine } from "../../ui/LedgerLine.tsx";
import { Empty, Notice } from "../../ui/Notice.tsx";
import { StatusDot } from "../../ui/StatusDot.tsx";
import { connectionLook } from "../app/ConnectionState.tsx";
import type { HostState } from "../../live/hostFeed.ts";
import { ledgerItems, ledgerToCome } from "../host/ledgerItems.ts";

const hosts: readonly HostStatus[] = ["live", "stale", "lost", "refused", "never"];
const balanced = {
  stream: "1",
  since: "2026-01-01T00:00:00Z",
  sampleN: 10,
  snaplen: 128,
  seen: "1234567",
  unmatched: "20000",
  sampledOut: "1093110",
  lostRing: "0",
  noReader: "0",
  delivered: "121457",
  lostQueue: "0",
  stored: "121400",
  refused: "0",
  flows: "5120",
  flowFrames: "1180000",
  unflowed: "0",
  nonFlow: "4567",
  lostFlows: "0",
  refusedFlows: "0",
};
/** An agent that could not keep up. */
const degraded: NonNullable<HostState["recording"]> = { sampleN: 20, budget: { recordsPerSecond: 20_000, sampleN: 20, step: "addresses" } };

export function States() {
  return (
    <>
      <ul className="flex flex-col gap-1">
        {hosts.map((status) => (
          <li key={status} className="flex gap-4">
            <StatusDot {...pick(hostState(status))} className="w-44" />
            <span className="text-muted">{hostState(status).meaning}</span>
          </li>
        ))}
        <li className="pt-2">
          <StatusDot {...connectionLook({ state: "connecting" }, false)} />
        </li>
        <li>
          <StatusDot {...connectionLook({ state: "live" }, false)} />
          <StatusDot {...connectionLook({ state: "live" }, true)} />
        </li>
        <li>
          <StatusDot {...connectionLook({ state: "reconnecting", since: 0 }, false)} />
        </li>
        <li>
          <StatusDot {...connectionLook({ state: "refused", code: "NOT_SIGNED_IN", detail: "Sign in first" }, false)} />
        </li>
      </ul>
      <div className="flex gap-2">
        <Badge>tcx</Badge>
        <Badge tone="ok">works</Badge>
        <Badge tone="monitored">degraded</Badge>
        <Badge tone="dropped">dropped</Badge>
        <Badge tone="accent">chosen</Badge>
      </div>
      <div className="grid max-w-5xl gap-3 md:grid-cols-3">
        <Notice kind="explained" title="Why this is so">
          An explanation, in a sentence.
        </Notice>
        <Notice kind="warning" title="This line has expired" action={<Button>Make a new line</Button>}>
          No host enrolled with it.
        </Notice>
        <Notice kind="error" title="The hub does not answer" action={<Button>Try again</Button>}>
          Check that it is running.
        </Notice>
      </div>
      <div className="border border-line">
        <Empty title="No hosts yet" action={<Button look="primary">Add a host</Button>}>
          A host appears here once its agent has enrolled.
        </Empty>
      </div>
      <div>
        <LedgerLine items={ledgerItems(balanced, { skipped: 0, malformed: 0, recording: null })} />
        <LedgerLine
          items={ledgerItems(
            { ...balanced, sampleN: 1, lostRing: "4210", lostQueue: "96" },
            { skipped: 512, malformed: 1, recording: degraded },
          )}
        />
        <LedgerLine items={ledgerToCome()} />
        <LedgerLine items={ledgerItems(null, { skipped: 0, malformed: 0, recording: null })} />
      </div>
    </>
  );
}

function pick(look: ReturnType<typeof hostState>) {
  return { tone: look.tone, shape: look.shape, label: look.label };
}
