"use client";
import type { HostDetail } from "../../api/types.ts";
import Link from "next/link";
import type { ReactNode } from "react";
import { hostMeaning, hostState } from "../../domain/states.ts";
import { labelText } from "../../domain/labels.ts";
import { visible } from "../../domain/text.ts";
import { signedNs, span } from "../../domain/units.ts";
import type { HostState } from "../../live/hostFeed.ts";
import type { PacketStore } from "../../live/packetStore.ts";
import { Chip } from "../../ui/Chip.tsx";
import { Explain } from "../../ui/Explain.tsx";
import { TopBar } from "../../ui/Rail.tsx";
import { StatusDot } from "../../ui/StatusDot.tsx";
import { TimeAgo } from "../../ui/TimeAgo.tsx";
import { ConnectionState } from "../app/ConnectionState.tsx";
import { labelTarget } from "../app/hostTargets.ts";
import { PauseControl } from "./PauseControl.tsx";
import { useFleetMenu } from "./useHostMenus.ts";

/** Which host this is, how it is, how far its clock is off, and the one time control. */
export function HostBar({ host, state, packets }: { host: HostDetail | null; state: HostState; packets: PacketStore }) {
  const status = state.status ?? host?.status ?? null;
  const look = status === null ? null : hostState(status);
  const offset = state.clock === null ? (host?.clockOffsetNs ?? null) : String(state.clock.offsetNs);
  const error = state.clock === null ? "" : ` ± ${signedNs(String(state.clock.errorNs)).replace("+", "")}`;
  return (
    <TopBar
      title={
        <HostPlace name={host === null ? "Host" : visible(host.name)}>
          {look === null || status === null ? null : (
            <Explain text={hostMeaning(status, host?.refusal ?? null)}>
              <StatusDot tone={look.tone} shape={look.shape} label={look.label} />
            </Explain>
          )}
          <HostLabels labels={host?.labels ?? []} />
          {status === "live" || host === null ? null : (
            <span className="text-xs text-muted">
              last heard <TimeAgo at={state.lastSeen ?? host.lastSeen} say={span} />
            </span>
          )}
        </HostPlace>
      }
    >
      {host === null ? null : (
        <span className="hidden text-xs text-muted xl:inline">
          <span className="mono">{visible(host.kernel ?? "kernel –")}</span>
          <span aria-hidden> · </span>agent <span className="mono">{visible(host.agentVersion ?? "–")}</span>
        </span>
      )}
      <Explain
        className="text-xs text-muted"
        text="How far the host's wall clock is off from the hub's, as the hub estimates it. Packet times are shown in the hub's time; the host's own times are kept as they came."
      >
        Clock offset {signedNs(offset)}
        {error}
      </Explain>
      <ConnectionState />
      <PauseControl packets={packets} />
    </TopBar>
  );
}

/** More than this is in the tab of labels. */
const LABELS_SHOWN = 3;

function HostLabels({ labels }: { labels: HostDetail["labels"] }) {
  const { show, menu } = useFleetMenu();
  if (labels.length === 0) return null;
  return (
    <>
      <ul aria-label="Labels" className="flex min-w-0 flex-wrap items-center gap-1">
        {labels.slice(0, LABELS_SHOWN).map((label) => (
          <li key={label.key} className="flex">
            <Chip action="What can be done with this label" onMenu={(at) => show(labelTarget(label), at)}>
              {labelText(label)}
            </Chip>
          </li>
        ))}
        {labels.length > LABELS_SHOWN ? <li className="text-xs text-muted">and {labels.length - LABELS_SHOWN} more</li> : null}
      </ul>
      {menu}
    </>
  );
}

/** Where this is: below the fleet, at a host. */
export function HostPlace({ name, children }: { name: string; children?: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-x-3">
      <Link href="/" className="text-muted hover:text-ink hover:underline">
        Fleet
      </Link>
      <span aria-hidden className="text-muted">
        /
      </span>
      <h1 className="truncate text-md font-semibold">{name}</h1>
      {children}
    </div>
  );
}
