"use client";
import { useMutation } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useState } from "react";
import { setLabels } from "../../api/labels.ts";
import type { HostLabel } from "../../api/labels.ts";
import { invalidateHosts } from "../../api/queries.ts";
import { handLabels, labelSource, readLabels } from "../../domain/labels.ts";
import { LabelsField } from "../app/LabelsField.tsx";
import { Button } from "../../ui/Button.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { Listing } from "../../ui/Listing.tsx";
import { MenuValue } from "../../ui/MenuValue.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { general } from "../account/words.ts";
import { labelTarget } from "../app/hostTargets.ts";
import { useServices } from "../app/services.tsx";
import type { ShowMenu } from "../app/valueMenu.tsx";
import { useFleetMenu } from "./useHostMenus.ts";

/** The labels that hold for a host, where each comes from, and those set by hand to change. */
export function LabelsTab({ hostId, labels }: { hostId: string; labels: readonly HostLabel[] }) {
  const { api, queries } = useServices();
  const { show, menu } = useFleetMenu();
  const [text, setText] = useState("");
  const save = useMutation({
    mutationFn: (change: (own: Record<string, string>) => Record<string, string>) => setLabels(api, hostId, change(handLabels(labels))),
    onSuccess: () => invalidateHosts(queries, [hostId]),
  });
  const read = readLabels(text);
  const wanted = read.ok ? read.labels : {};
  const ready = Object.keys(wanted).length > 0;
  return (
    <div className="flex max-w-3xl flex-col gap-4 overflow-auto p-4">
      <form
        aria-label="Set labels"
        className="flex items-start gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) save.mutate((own) => ({ ...own, ...wanted }), { onSuccess: () => setText("") });
        }}
      >
        <LabelsField
          label="Labels to set"
          className="min-w-64 flex-1"
          text={text}
          onText={setText}
          read={read}
          hint="key=value, with space between. One set by hand hides the token's and the agent's."
        />
        <Button type="submit" look="primary" size="form" className="mt-6" disabled={!ready} busy={save.isPending}>
          Set
        </Button>
      </form>
      {save.error === null ? null : (
        <Notice kind="error" title={general(save.error).title}>
          The labels are as they were. {general(save.error).todo}
        </Notice>
      )}
      {labels.length === 0 ? (
        <Notice kind="explained" title="No labels yet">
          Labels tell hosts apart in lists and queries. They are set here, with the enrolment token, or in /etc/sonde/labels on the host.
        </Notice>
      ) : (
        <LabelTable
          labels={labels}
          onMenu={show}
          onRemove={(key) => save.mutate((own) => Object.fromEntries(Object.entries(own).filter(([one]) => one !== key)))}
        />
      )}
      {menu}
    </div>
  );
}

type LabelTableProps = { labels: readonly HostLabel[]; onMenu: ShowMenu; onRemove: (key: string) => void };

function LabelTable({ labels, onMenu, onRemove }: LabelTableProps) {
  return (
    <Listing
      label="Labels"
      columns={[
        { id: "key", header: "Label", mono: true },
        { id: "value", header: "Value", mono: true },
        { id: "from", header: "From", wide: true },
        { id: "remove", header: <span className="sr-only">Remove</span> },
      ]}
      rows={labels.map(({ key, value, source }) => ({
        id: key,
        cells: [
          key,
          <MenuValue key="value" onMenu={(at) => onMenu(labelTarget({ key, value }), at)}>
            {value}
          </MenuValue>,
          <span key="from" className="text-muted" title={labelSource(source).meaning}>
            {labelSource(source).label}
          </span>,
          source === "hand" ? (
            <IconButton key="remove" label={`Remove ${key}`} onClick={() => onRemove(key)}>
              <X size={14} aria-hidden />
            </IconButton>
          ) : null,
        ],
      }))}
    />
  );
}
