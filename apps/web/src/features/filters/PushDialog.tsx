"use client";
import { useMutation } from "@tanstack/react-query";
import { createFilter, invalidateFilters } from "../../api/filters.ts";
import type { Filter, FilterHost } from "../../api/filters.ts";
import { selectorText } from "../../domain/labels.ts";
import { hostCount, visible } from "../../domain/text.ts";
import { exact } from "../../domain/units.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { KeyValue } from "../../ui/KeyValue.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { general } from "../account/words.ts";
import { useServices } from "../app/services.tsx";
import { connectedCount } from "./hostStates.ts";

export type PushDialogProps = {
  filter: {
    readonly expression: string;
    readonly sampleN: number;
    readonly snaplen: number;
    /** Null: all hosts, also those to come. */
    readonly selector: Filter["selector"];
  };
  /** Those it is for now. */
  hosts: readonly FilterHost[];
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onPushed: () => void;
};

/** Says what is pushed and to how many hosts, and waits until each of them has answered. */
export function PushDialog({ filter, hosts, open, onOpenChange, onPushed }: PushDialogProps) {
  const { api, queries } = useServices();
  const push = useMutation({
    mutationFn: () => createFilter(api, filter),
    onSuccess: async () => {
      await invalidateFilters(queries);
      onOpenChange(false);
      onPushed();
    },
  });
  const connected = connectedCount(hosts);
  const offline = hosts.length - connected;
  return (
    <Dialog title={`Push to ${hostCount(connected)}?`} open={open} onOpenChange={(next) => push.isPending || onOpenChange(next)}>
      <KeyValue
        items={[
          { key: "Expression", value: <code className="mono">{visible(filter.expression)}</code> },
          { key: "Recorded", value: filter.sampleN === 1 ? "every packet that matches" : `1 in ${exact(filter.sampleN)} that match` },
          { key: "Hosts", value: <code className="mono">{filter.selector === null ? "all" : selectorText(filter.selector)}</code> },
          { key: "Bytes per packet", value: exact(filter.snaplen) },
        ]}
      />
      <p className="text-muted">
        {connected === 1 ? "1 host is connected and gets it now." : `${connected} hosts are connected and get it now.`}
        {offline === 0 ? "" : ` ${hostCount(offline)} ${offline === 1 ? "is" : "are"} offline and will get it on connecting.`} From then on
        only packets that match an active filter are recorded there; all are counted. Hosts that{" "}
        {filter.selector === null ? "enrol" : "get these labels"} later get it too.
      </p>
      {push.error === null ? null : (
        <Notice kind="error" title={general(push.error).title}>
          {general(push.error).todo}
        </Notice>
      )}
      <div className="flex justify-end gap-2">
        <Button size="form" disabled={push.isPending} onClick={() => onOpenChange(false)}>
          Cancel
        </Button>
        <Button size="form" look="primary" busy={push.isPending} onClick={() => push.mutate()}>
          {push.isPending ? "Waiting for the hosts" : `Push to ${hostCount(connected)}`}
        </Button>
      </div>
    </Dialog>
  );
}
