"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { keys } from "../../api/keys.ts";
import { setRetention, storageQuery } from "../../api/settings.ts";
import type { RetentionRequest, StorageReport } from "../../api/settings.ts";
import { bytesText, daysText } from "../../domain/storage.ts";
import { Check } from "../../ui/Check.tsx";
import { KeyValue } from "../../ui/KeyValue.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Value } from "../../ui/Value.tsx";
import { general } from "../account/words.ts";
import { useServices } from "../app/services.tsx";
import { Failed } from "./Failed.tsx";
import { LowDisk } from "./LowDisk.tsx";
import { StorageTable } from "./StorageTable.tsx";

/** What the hub keeps, how much that is, how long it lasts, and the limits. */
export function StorageTab() {
  const { api, queries } = useServices();
  const storage = useQuery(storageQuery(api));
  const save = useMutation({
    mutationFn: (change: RetentionRequest) => setRetention(api, change),
    onSuccess: (report) => queries.setQueryData(keys.storage, report),
  });
  // The box shows at once what was chosen, while the hub is told.
  const [keepPackets, setKeepPackets] = useState<boolean | null>(null);
  return (
    <div className="flex max-w-6xl flex-col gap-5 overflow-auto p-4">
      {storage.error === null ? null : <Failed what="What is stored" error={storage.error} onRetry={() => void storage.refetch()} />}
      {storage.isPending ? (
        <p role="status" className="text-muted">
          Measuring what is stored
        </p>
      ) : null}
      {storage.data === undefined ? null : (
        <>
          <LowDisk report={storage.data} />
          <Sums report={storage.data} />
          {save.error === null ? null : (
            <Notice kind="error" title={general(save.error).title}>
              The limits are as they were. {general(save.error).todo}
            </Notice>
          )}
          <StorageTable
            tables={storage.data.tables}
            captures={storage.data.captures}
            saving={save.isPending}
            onSaveDays={(captureDays, onSaved) => save.mutate({ captureDays }, { onSuccess: onSaved })}
            onSave={(table, limits, onSaved) => save.mutate({ limits: { [table]: limits } }, { onSuccess: onSaved })}
          />
          <Check
            label="Keep records of packets"
            hint="Each sampled packet's addresses, ports and flags, without its bytes. A busy fleet fills its limit within hours."
            checked={keepPackets ?? storage.data.keepPackets}
            disabled={save.isPending}
            onChange={(wanted) => {
              setKeepPackets(wanted);
              save.mutate({ keepPackets: wanted }, { onSettled: () => setKeepPackets(null) });
            }}
          />
        </>
      )}
    </div>
  );
}

function Sums({ report }: { report: StorageReport }) {
  const { disk } = report;
  return (
    <KeyValue
      items={[
        { key: "Database", value: <Value text={bytesText(report.databaseBytes)} /> },
        { key: "Grows by", value: <Value text={bytesText(report.bytesPerDay)} unit="a day" /> },
        {
          key: "Disk",
          value:
            disk.state === "known" ? (
              `${bytesText(disk.freeBytes)} free of ${bytesText(disk.totalBytes)}`
            ) : (
              <span className="text-muted">not known: {disk.reason}</span>
            ),
        },
        {
          key: "Room for",
          value: (
            <Value text={disk.state === "known" ? daysText(disk.daysLeft) : "–"} title="Until a tenth of the disk is left, at this pace" />
          ),
        },
      ]}
    />
  );
}
