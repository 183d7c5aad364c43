"use client";
import type { Flow } from "../../api/flows.ts";
import { endingWords, hasPorts, lasted, timeOfDay } from "../../domain/flows.ts";
import { ipProtocolName, tcpFlagNames } from "../../domain/names.ts";
import { visible } from "../../domain/text.ts";
import { exact } from "../../domain/units.ts";
import { Chip } from "../../ui/Chip.tsx";
import { KeyValue } from "../../ui/KeyValue.tsx";
import { SidePanel } from "../../ui/SidePanel.tsx";
import type { ShowMenu } from "../app/valueMenu.tsx";
import { knownText } from "./Endpoint.tsx";
import { type FlowField, fieldTarget } from "./flowTarget.ts";
import type { NamesByAddress } from "./useNames.ts";

/** One flow in full; a click on a value shows what can be done with it. */
export function FlowDetail(props: { flow: Flow; names: NamesByAddress; onMenu: ShowMenu; onClose: () => void }) {
  const { flow, names, onMenu, onClose } = props;
  const value = (field: FlowField, text: string | null) =>
    text === null ? (
      <span className="text-muted">none</span>
    ) : (
      <Chip action="What can be done with this value" onMenu={(at) => onMenu(fieldTarget(flow, field), at)}>
        {visible(text)}
      </Chip>
    );
  const end = (address: string, port: number, field: FlowField, portField: FlowField) => (
    <span className="flex flex-wrap items-center gap-1">
      {value(field, address)}
      {hasPorts(flow) ? value(portField, String(port)) : null}
      <span className="text-xs text-muted">{knownText(names.get(address))}</span>
    </span>
  );
  return (
    <SidePanel label="Flow" heading="Flow" closeLabel="Close flow" onClose={onClose}>
      <KeyValue
        items={[
          { key: "Host", value: value("host.name", flow.host) },
          { key: "Interface", value: value("interface", flow.interface) },
          { key: "Direction", value: value("direction", flow.direction) },
          { key: "Protocol", value: value("ip.proto", ipProtocolName(flow.protocol)) },
          { key: "Source", value: end(flow.sourceAddress, flow.sourcePort, "ip.src", "srcport") },
          { key: "Destination", value: end(flow.destinationAddress, flow.destinationPort, "ip.dst", "dstport") },
          { key: "Verdict", value: value("verdict", flow.verdict) },
          ...(flow.protocol === 6 ? [{ key: "TCP flags seen", value: tcpFlagNames(flow.tcpFlags) }] : []),
          { key: "VLAN", value: value("vlan.id", flow.vlan === null ? null : String(flow.vlan)) },
          { key: "Tunnel", value: value("tunnel.type", flow.tunnel) },
          { key: "Packets", value: `${exact(flow.packets)} on the wire, ${exact(flow.frames)} frames` },
          { key: "Bytes", value: exact(flow.bytes) },
          { key: "First packet", value: <span className="mono">{timeOfDay(flow.first)}</span> },
          { key: "Last packet", value: <span className="mono">{timeOfDay(flow.last)}</span> },
          { key: "Lasted", value: lasted(flow) },
          { key: "Written because", value: endingWords(flow.endReason) },
        ]}
      />
    </SidePanel>
  );
}
