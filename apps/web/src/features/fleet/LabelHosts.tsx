"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { setLabels } from "../../api/labels.ts";
import { invalidateHosts } from "../../api/queries.ts";
import type { Host } from "../../api/types.ts";
import { handLabels, readLabels } from "../../domain/labels.ts";
import { hostCount, visible } from "../../domain/text.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Field } from "../../ui/Field.tsx";
import { Listing } from "../../ui/Listing.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { general } from "../account/words.ts";
import { LabelsField } from "../app/LabelsField.tsx";
import { useServices } from "../app/services.tsx";

type Outcome = { readonly host: Host; readonly failed: string | null };
export type LabelHostsProps = { hosts: readonly Host[]; open: boolean; onOpenChange: (open: boolean) => void };

/** Sets and removes labels by hand on all the hosts that are listed, and says of each how it went. */
export function LabelHosts({ hosts, open, onOpenChange }: LabelHostsProps) {
  const { api, queries } = useServices();
  const [text, setText] = useState("");
  const [without, setWithout] = useState("");
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>([]);
  const read = readLabels(text);
  const removed = without.split(/[\s,]+/).filter(Boolean);
  const wanted = read.ok ? read.labels : {};
  const ready = read.ok && (Object.keys(wanted).length > 0 || removed.length > 0) && hosts.length > 0;
  const apply = useMutation({
    mutationFn: async () => {
      setOutcomes([]);
      for (const host of hosts) {
        const own = Object.fromEntries(Object.entries({ ...handLabels(host.labels), ...wanted }).filter(([key]) => !removed.includes(key)));
        const failed = await setLabels(api, host.id, own).then(
          () => null,
          (error: Error) => general(error).title,
        );
        setOutcomes((was) => [...was, { host, failed }]);
      }
      invalidateHosts(
        queries,
        hosts.map((host) => host.id),
      );
    },
  });
  const failures = outcomes.filter((outcome) => outcome.failed !== null);
  const close = (next: boolean) => {
    if (apply.isPending) return;
    setOutcomes([]);
    onOpenChange(next);
  };
  return (
    <Dialog
      title={`Label ${hostCount(hosts.length)}`}
      description="All hosts that the list shows now. Labels set by hand hide those of the token and of the host's own file."
      open={open}
      onOpenChange={close}
    >
      <form
        aria-label="Label hosts"
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) apply.mutate();
        }}
      >
        <LabelsField label="Labels to set" text={text} onText={setText} read={read} hint="key=value, with space between" />
        <Field
          label="Labels to remove"
          mono
          placeholder="env role"
          value={without}
          onChange={(event) => setWithout(event.target.value)}
          hint="Their keys. Only what was set by hand can be removed here."
        />
        {outcomes.length === 0 ? null : (
          <p role="status">
            {outcomes.length - failures.length} of {hosts.length} done{failures.length === 0 ? "" : `, ${failures.length} failed`}
          </p>
        )}
        {failures.length === 0 ? null : (
          <Notice kind="error" title="Not labelled">
            <Listing
              label="Hosts that were not labelled"
              columns={[
                { id: "host", header: "Host" },
                { id: "why", header: "Why" },
              ]}
              rows={failures.map(({ host, failed }) => ({ id: host.id, cells: [visible(host.name), failed] }))}
            />
          </Notice>
        )}
        <div className="flex justify-end gap-2">
          <Button size="form" disabled={apply.isPending} onClick={() => close(false)}>
            Close
          </Button>
          <Button type="submit" look="primary" size="form" disabled={!ready} busy={apply.isPending}>
            Label
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
