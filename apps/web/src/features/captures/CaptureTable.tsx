"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { Capture } from "../../api/captures.ts";
import { visible } from "../../domain/text.ts";
import { exact, si, span } from "../../domain/units.ts";
import { StatusDot } from "../../ui/StatusDot.tsx";
import { TimeAgo } from "../../ui/TimeAgo.tsx";
import { Value } from "../../ui/Value.tsx";
import { VirtualTable, type Column } from "../../ui/VirtualTable.tsx";
import { useValueMenu } from "../app/valueMenu.tsx";
import { captureCounts, captureEnd } from "./captureStates.ts";
import { captureTarget } from "./captureTarget.ts";

const columns: readonly Column[] = [
  { id: "name", header: "Name", min: 160, grow: "1fr" },
  { id: "expression", header: "Expression", min: 160, grow: "2fr", mono: true },
  { id: "state", header: "State", min: 100 },
  { id: "hosts", header: "Hosts", min: 140, grow: "1fr" },
  { id: "packets", header: "Packets", min: 96, align: "right" },
  { id: "bytes", header: "Captured", min: 96, align: "right" },
  { id: "lost", header: "Lost", min: 72, align: "right" },
  { id: "begun", header: "Begun", min: 96 },
];

/** Captures, newest first; a row opens its capture, and any value has its menu. */
export function CaptureTable({ captures, onEnd }: { captures: readonly Capture[]; onEnd: () => void }) {
  const router = useRouter();
  const { show, menu } = useValueMenu({});
  const [selected, setSelected] = useState(-1);
  const open = (index: number) => {
    const capture = captures[index];
    if (capture !== undefined) router.push(`/captures/${capture.id}`);
  };
  return (
    <>
      <VirtualTable
        label="Captures"
        columns={columns}
        rowCount={captures.length}
        rowKey={(index) => captures[index]?.id ?? index}
        cells={(index) => {
          const capture = captures[index];
          return capture === undefined ? [] : cellsOf(capture);
        }}
        selected={selected}
        onSelect={setSelected}
        onOpen={open}
        clicks="open"
        onMenu={({ index, column, x, y }) => {
          const capture = captures[index];
          if (capture === undefined) return;
          setSelected(index);
          show(captureTarget(capture, column), { x, y });
        }}
        onEnd={onEnd}
      />
      {menu}
    </>
  );
}

function cellsOf(capture: Capture) {
  const why = captureEnd(capture.endReason);
  return [
    <Link key="name" href={`/captures/${capture.id}`} tabIndex={-1} className="font-medium hover:underline">
      {visible(capture.name)}
    </Link>,
    visible(capture.expression) || "everything",
    <span key="state" title={why === null ? undefined : `Ended: ${why}`}>
      {capture.endedAt === null ? (
        <StatusDot tone="ok" shape="filled" label="Running" />
      ) : (
        <StatusDot tone="muted" shape="filled" label="Ended" />
      )}
    </span>,
    captureCounts(capture.states)
      .map(({ count, label }) => `${count} ${label}`)
      .join(", "),
    exact(capture.packets),
    <Value key="bytes" text={si(Number(capture.bytes))} unit="B" />,
    <span key="lost" className={capture.lost === "0" ? undefined : "text-dropped"}>
      {exact(capture.lost)}
    </span>,
    <TimeAgo key="begun" at={capture.createdAt} say={span} />,
  ];
}
