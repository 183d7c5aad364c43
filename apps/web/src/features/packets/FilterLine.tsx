"use client";
import { useMemo } from "react";
import type { FilterState } from "../../live/packets/pagePackets.ts";
import { visible } from "../../domain/text.ts";
import { FaultMark } from "../../ui/FaultMark.tsx";
import { FilterInput } from "../flows/FilterInput.tsx";

const FAULT = "packet-filter-fault";
const PLACEHOLDER = 'ip.addr == 10.0.0.0/8 && tcp.analysis.retransmission && dns.qry.name contains "example"  ( / )';

/** The display filter: what of the packets that are here is shown. A capture filter decides what hosts record, and is written elsewhere. */
export function FilterLine(props: { value: string; onChange: (value: string) => void; state: FilterState; hosts: readonly string[] }) {
  const { value, onChange, state, hosts } = props;
  const known = useMemo(() => ({ kind: "packets" as const, hosts }), [hosts]);
  const fault = state.text === value ? state.error : null;
  return (
    <div className="flex min-w-0 flex-1 flex-col gap-1">
      <FilterInput
        value={value}
        onChange={onChange}
        known={known}
        faultId={fault === null ? null : FAULT}
        label="Display filter"
        placeholder={PLACEHOLDER}
      />
      {fault === null ? null : (
        <div id={FAULT} className="flex flex-col text-xs">
          <p className="text-dropped">{fault.message}. Shown is what the last readable filter lets through.</p>
          <FaultMark text={value} position={fault.position} length={fault.length} visible={visible} />
        </div>
      )}
    </div>
  );
}
