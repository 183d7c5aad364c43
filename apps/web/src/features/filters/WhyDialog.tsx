"use client";
import type { FilterHost } from "../../api/filters.ts";
import { visible } from "../../domain/text.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { KeyValue } from "../../ui/KeyValue.tsx";
import { Lines } from "../../ui/Lines.tsx";
import { filterState } from "./hostStates.ts";

/** Why a host does not hold the set, with the end of the kernel verifier's log where there is one. */
export function WhyDialog({ host, onClose }: { host: FilterHost | null; onClose: () => void }) {
  if (host === null) return null;
  const look = filterState(host.state);
  return (
    <Dialog title={`${look.label} by ${visible(host.name)}`} description={look.meaning} open onOpenChange={onClose}>
      <KeyValue
        items={[
          ...(host.code === null ? [] : [{ key: "Code", value: <code className="mono">{visible(host.code)}</code> }]),
          { key: "Reason", value: visible(host.reason ?? "") },
        ]}
      />
      {host.log === null ? null : (
        <section aria-label="Verifier's log" className="flex flex-col gap-1">
          <h2 className="text-sm font-medium">The kernel verifier's last lines</h2>
          <Lines lines={host.log.split("\n").map(visible)} />
        </section>
      )}
    </Dialog>
  );
}
