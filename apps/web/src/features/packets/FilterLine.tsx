"use client";
import { useCallback, useRef } from "react";
import { packetFields } from "../../domain/packets/fields.ts";
import { completeWith } from "../../domain/query/index.ts";
import type { FilterState } from "../../live/packets/pagePackets.ts";
import { ExpressionInput } from "../../ui/ExpressionInput.tsx";
import { FilterFault } from "../app/FilterFault.tsx";
import { useFocusKey } from "../app/useFocusKey.ts";

const FAULT = "packet-filter-fault";
const PLACEHOLDER = 'ip.addr == 10.0.0.0/8 && tcp.analysis.retransmission && dns.qry.name contains "example"  ( / )';

export type FilterLineProps = {
  value: string;
  onChange: (value: string) => void;
  state: FilterState;
  /** What can stand in values. */
  hosts: readonly string[];
  interfaces: readonly string[];
};

/** The display filter: what of the packets that are here is shown. A capture filter decides what hosts record, and is written elsewhere. */
export function FilterLine({ value, onChange, state, hosts, interfaces }: FilterLineProps) {
  const input = useRef<HTMLInputElement>(null);
  useFocusKey(input);
  const complete = useCallback(
    (text: string, position: number) => completeWith(text, position, { hosts, interfaces }, packetFields),
    [hosts, interfaces],
  );
  const fault = state.text === value ? state.error : null;
  return (
    <div className="flex min-w-0 flex-1 flex-col gap-1">
      <ExpressionInput
        label="Display filter"
        placeholder={PLACEHOLDER}
        value={value}
        onChange={onChange}
        complete={complete}
        faultId={fault === null ? null : FAULT}
        inputRef={input}
      />
      {fault === null ? null : <FilterFault id={FAULT} text={value} fault={fault} />}
    </div>
  );
}
