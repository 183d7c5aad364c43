"use client";
import type { StorageReport } from "../../api/settings.ts";
import { bytesText } from "../../domain/storage.ts";
import { span } from "../../domain/units.ts";
import { Notice } from "../../ui/Notice.tsx";
import { TimeAgo } from "../../ui/TimeAgo.tsx";

/** Says so while the disk is so full that the oldest is dropped before its time; nothing otherwise. */
export function LowDisk({ report }: { report: StorageReport }) {
  const { lowDisk, disk } = report;
  if (!lowDisk.active) return null;
  return (
    <Notice kind="warning" title="The hub's disk is almost full: the oldest data goes before its time">
      {disk.state === "known" ? `${bytesText(disk.freeBytes)} of ${bytesText(disk.totalBytes)} are free. ` : ""}
      {lowDisk.last === null ? (
        "Nothing had to go yet. "
      ) : (
        <>
          {bytesText(lowDisk.last.bytes)} went, the last <TimeAgo at={lowDisk.last.at} say={span} />.{" "}
        </>
      )}
      Make room on it, or keep less: the limits are in Settings, Storage.
    </Notice>
  );
}
