"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useEffectEvent } from "react";
import { captureQuery, createCapture, removeCapture, type CaptureHost } from "../../api/captures.ts";
import { filtersQuery } from "../../api/filters.ts";
import type { HostChoice } from "../../domain/hostChoice.ts";
import { visible } from "../../domain/text.ts";
import { exact, si } from "../../domain/units.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { Listing } from "../../ui/Listing.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Value } from "../../ui/Value.tsx";
import { general } from "../account/words.ts";
import { captureState } from "../captures/captureStates.ts";
import { useServices } from "../app/services.tsx";

const SECONDS = 10;

export type TrialProps = { expression: string; choice: HostChoice; open: boolean; onOpenChange: (open: boolean) => void };

/**
 * What an expression matches right now, and what it costs: for ten seconds it is in the kernels of the hosts, beside their
 * filters, and keeps no byte of any packet. Closing it takes it back.
 */
export function Trial({ expression, choice, open, onOpenChange }: TrialProps) {
  const { api } = useServices();
  const begin = useMutation({
    mutationFn: () =>
      createCapture(api, {
        name: "Trial of a filter",
        expression,
        hosts: typeof choice === "object" && "labels" in choice ? choice : choice === "all" ? choice : [...choice],
        snaplen: 0,
        seconds: SECONDS,
        maxPackets: 1000,
      }),
  });
  const id = begin.data?.id ?? "";
  const capture = useQuery({ ...captureQuery(api, id), enabled: id !== "", refetchInterval: 1000 }).data ?? begin.data;
  const costs = useQuery({ ...filtersQuery(api), enabled: open }).data?.hosts ?? [];
  const costOf = (hostId: string): number | null => costs.find((host) => host.hostId === hostId)?.nsPerPacket ?? null;
  const start = useEffectEvent(() => begin.mutate());
  useEffect(() => {
    if (open) start();
  }, [open]);
  const close = () => {
    onOpenChange(false);
    if (id !== "") void removeCapture(api, id).catch(() => {}); // ends by itself in ten seconds anyway
    begin.reset();
  };
  return (
    <Dialog
      title="What it matches now"
      description={`For ${SECONDS} s the hosts count what matches; nothing else changes, and no byte of a packet is kept.`}
      open={open}
      onOpenChange={close}
    >
      {begin.error === null ? null : (
        <Notice kind="error" title={general(begin.error).title}>
          {begin.error.message} {general(begin.error).todo}
        </Notice>
      )}
      {capture === undefined ? null : (
        <>
          <p role="status" aria-label="Trial">
            {capture.endedAt === null ? "Counting: " : "Counted: "}
            {exact(sum(capture.hosts))} packets on {capture.hosts.filter((host) => BigInt(host.matched) > 0n).length} of{" "}
            {capture.hosts.length} hosts
          </p>
          <Listing
            label="Hosts of the trial"
            columns={[
              { id: "host", header: "Host" },
              { id: "state", header: "State" },
              { id: "matched", header: "Matched", align: "right" },
              { id: "cost", header: "All filters, a packet", align: "right" },
            ]}
            rows={capture.hosts.map((host) => ({
              id: host.hostId,
              cells: [
                visible(host.name),
                captureState(host.state).label,
                exact(host.matched),
                <Value key="cost" text={si(costOf(host.hostId))} unit="ns" />,
              ],
            }))}
          />
        </>
      )}
    </Dialog>
  );
}

const sum = (hosts: readonly CaptureHost[]): bigint => hosts.reduce((all, host) => all + BigInt(host.matched), 0n);
