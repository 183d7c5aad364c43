import type { FleetLedger } from "../../api/flows.ts";
import { exact, percent } from "../../domain/units.ts";
import type { LedgerItem } from "../../ui/LedgerLine.tsx";

/** What is missing from the flows of the fleet: every frame is in a flow record, or in one of these (SPEC 6.5). */
export function flowLedgerItems(ledger: FleetLedger | undefined): readonly LedgerItem[] {
  const sums = ledger?.fleet;
  const count = (value: string | undefined): string => exact(value ?? null);
  const loss = (value: string | undefined) => (value !== undefined && BigInt(value) > 0n ? "loss" : undefined);
  const frames = sums === undefined ? 0n : BigInt(sums.flowFrames) + BigInt(sums.unflowed) + BigInt(sums.nonFlow);
  return [
    {
      id: "flows",
      label: "Flow records",
      value: count(sums?.flows),
      explanation: "Flow records that the hub stored of all agent runs it knows, also those that retention has removed since.",
    },
    {
      id: "unflowed",
      label: "In no record",
      value: sums === undefined ? "–" : `${count(sums.unflowed)} frames, ${percent(BigInt(sums.unflowed), frames)}`,
      explanation: "Frames that were counted but are in no flow record: no table, or the agent's queue, had room for their flow.",
      tone: loss(sums?.unflowed),
    },
    {
      id: "nonflow",
      label: "Not in a flow",
      value: `${count(sums?.nonFlow)} frames`,
      explanation: "Frames that are not IP, such as ARP, or whose headers make no sense. Interface counters have them.",
    },
    {
      id: "held",
      label: "Not ended",
      value: `${count(sums?.heldFrames)} frames`,
      explanation: "Frames of flows that go on and are written later, within a minute; or that died with an agent that was killed.",
    },
    {
      id: "lost",
      label: "Lost records",
      value: count(sums?.lostFlows),
      explanation: "Flow records that agents' queues dropped because the hub was away or slow. Their frames count as in no record.",
      tone: loss(sums?.lostFlows),
    },
    {
      id: "refused",
      label: "Refused records",
      value: count(sums?.refusedFlows),
      explanation: "Flow records in batches that the hub turned away; its log and the host's page say why.",
      tone: loss(sums?.refusedFlows),
    },
  ];
}
