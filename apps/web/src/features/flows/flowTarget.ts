import type { Flow } from "../../api/flows.ts";
import { endpointText } from "../../domain/address.ts";
import { groupingLabel, hasPorts, isAddressField, lasted, termText, timeOfDay } from "../../domain/flows.ts";
import { ipProtocolName } from "../../domain/names.ts";
import { captureProtocols } from "../../domain/packets/expressions.ts";
import { visible } from "../../domain/text.ts";
import { exact } from "../../domain/units.ts";
import type { ValueTarget } from "../app/valueMenu.tsx";

/** Protocols by number that tcpdump's language has a word for. */
const captureWords: Readonly<Record<number, string>> = { 1: "icmp", 6: "tcp", 17: "udp", 58: "icmp6", 132: "sctp" };

const protocolCapture = (protocol: number): string => captureWords[protocol] ?? `proto ${protocol}`;

/** Tagged packets are asked for by their tag first; what a tunnel carries cannot be asked for. */
function capturedIn(flow: Flow, expression: string): string | null {
  if (flow.tunnel !== null) return null;
  return flow.vlan === null ? expression : `vlan ${flow.vlan} and ${expression}`;
}

const named = (heading: string, value: string | null): string => `${heading} ${visible(value ?? "none")}`;

/** What a flow shows of itself, by fields of the filter language. */
export type FlowField =
  | "ip.src"
  | "ip.dst"
  | "srcport"
  | "dstport"
  | "ip.proto"
  | "host.name"
  | "interface"
  | "direction"
  | "verdict"
  | "vlan.id"
  | "tunnel.type";

/** A value of a flow. */
export function fieldTarget(flow: Flow, field: FlowField): ValueTarget {
  const of = (heading: string, value: string | null, more: Partial<ValueTarget> = {}): ValueTarget => ({
    heading: named(heading, value),
    text: value ?? "",
    term: termText(field, value),
    capture: null,
    ...more,
  });
  const service = (heading: string, port: number, end: "src" | "dst"): ValueTarget =>
    of(heading, String(port), {
      either: termText("port", String(port)),
      capture: capturedIn(flow, `${protocolCapture(flow.protocol)} ${end} port ${port}`),
    });
  const address = (heading: string, value: string, end: "src" | "dst"): ValueTarget =>
    of(heading, value, { either: termText("ip.addr", value), capture: capturedIn(flow, `${end} host ${value}`) });
  switch (field) {
    case "ip.src":
      return address("Source", flow.sourceAddress, "src");
    case "ip.dst":
      return address("Destination", flow.destinationAddress, "dst");
    case "srcport":
      return service("Source port", flow.sourcePort, "src");
    case "dstport":
      return service("Destination port", flow.destinationPort, "dst");
    case "ip.proto":
      return {
        ...of("Protocol", String(flow.protocol), { capture: capturedIn(flow, protocolCapture(flow.protocol)) }),
        heading: named("Protocol", ipProtocolName(flow.protocol)),
      };
    case "host.name":
      return of("Host", flow.host);
    case "interface":
      return of("Interface", flow.interface);
    case "direction":
      return of("Direction", flow.direction);
    case "verdict":
      return of("Verdict", flow.verdict);
    case "vlan.id":
      return of("VLAN", flow.vlan === null ? null : String(flow.vlan), { capture: flow.vlan === null ? null : `vlan ${flow.vlan}` });
    case "tunnel.type":
      return of("Tunnel", flow.tunnel, { capture: captureProtocols[flow.tunnel ?? ""] ?? null });
  }
}

/** What both ends of a flow said to each other, both ways. */
function conversationTarget(flow: Flow): ValueTarget {
  const { sourceAddress, destinationAddress, sourcePort, destinationPort, protocol } = flow;
  const ports = hasPorts(flow) ? [sourcePort, destinationPort] : [];
  const terms = [
    termText("ip.proto", String(protocol)),
    ...[sourceAddress, destinationAddress].map((one) => termText("ip.addr", one)),
    ...ports.map((one) => termText("port", String(one))),
  ];
  const word = protocolCapture(protocol);
  const parts = [`host ${sourceAddress}`, `host ${destinationAddress}`, ...ports.map((one) => `port ${one}`)];
  const [from, to] = [endpointText(sourceAddress, ports[0] ?? null), endpointText(destinationAddress, ports[1] ?? null)];
  return {
    heading: `Conversation ${from} – ${to}`,
    text: `${from} ${to}`,
    term: terms.filter((one) => one !== null).join(" && "),
    capture: capturedIn(flow, [word, ...parts].join(" and ")),
  };
}

/** What a cell of the list of flows says; without a column the whole conversation. */
export function flowTarget(flow: Flow, column: string | null): ValueTarget {
  const plain = (heading: string, text: string): ValueTarget => ({ heading: `${heading} ${text}`, text, term: null, capture: null });
  switch (column ?? "") {
    case "time":
      return plain("Last packet", timeOfDay(flow.last));
    case "packets":
      return plain("Packets", exact(flow.packets));
    case "bytes":
      return plain("Bytes", exact(flow.bytes));
    case "duration":
      return plain("Lasted", lasted(flow));
    default: {
      const field = fieldsOfColumns[column ?? ""];
      return field === undefined ? conversationTarget(flow) : fieldTarget(flow, field);
    }
  }
}

const fieldsOfColumns: Readonly<Record<string, FlowField>> = {
  host: "host.name",
  interface: "interface",
  direction: "direction",
  protocol: "ip.proto",
  source: "ip.src",
  destination: "ip.dst",
  verdict: "verdict",
};

/** The value that a group of flows has in common; `field` as flows are grouped by it. */
export function groupTarget(field: string, value: string | null): ValueTarget {
  const target = { heading: named(groupingLabel(field), value), text: value ?? "", term: termText(field, value) };
  return { ...target, capture: value === null ? null : groupCapture(field, value) };
}

function groupCapture(field: string, value: string): string | null {
  if (field === "ip.src") return `src host ${value}`;
  if (field === "ip.dst") return `dst host ${value}`;
  if (isAddressField(field)) return `host ${value}`;
  if (field === "dstport") return `dst port ${value}`;
  if (field === "vlan.id") return `vlan ${value}`;
  if (field === "tunnel.type") return captureProtocols[value] ?? null;
  return null;
}
