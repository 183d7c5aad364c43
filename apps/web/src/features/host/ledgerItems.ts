import type { AgentBudget, Ledger } from "../../api/types.ts";
import { exact, percent } from "../../domain/units.ts";
import type { HostState } from "../../live/hostFeed.ts";
import type { LedgerItem } from "../../ui/LedgerLine.tsx";

/** The ledger of one agent run in words (SPEC 6), and what was left out for this browser. */
export function ledgerItems(
  ledger: Ledger | null,
  facts: { skipped: number; malformed: number; recording: HostState["recording"] },
): readonly LedgerItem[] {
  const own = browserItems(facts);
  if (ledger === null)
    return [
      { id: "none", label: "Ledger", value: "not heard yet", explanation: "The hub has not yet committed anything of this agent's run." },
      ...own,
    ];
  const seen = BigInt(ledger.seen);
  const inFlight = BigInt(ledger.delivered) - BigInt(ledger.lostQueue) - BigInt(ledger.stored) - BigInt(ledger.refused);
  const of = (part: string): string => (part === "0" ? "0" : `${exact(part)} (${percent(BigInt(part), seen)})`);
  return [
    item(
      "seen",
      "Seen",
      exact(ledger.seen),
      "Every frame counted on every interface and direction since this agent started. Exact, never sampled.",
    ),
    item(
      "excluded",
      "Excluded",
      of(ledger.unmatched),
      "Frames that no filter takes, Sonde's own connections, and on loopback the outgoing half of each packet. Counted, not recorded.",
    ),
    sampled(facts.recording?.sampleN ?? ledger.sampleN, facts.recording?.budget ?? null, of(ledger.sampledOut)),
    ...cutShort(facts.recording?.budget ?? null),
    loss("ring", "Lost in ring", ledger.lostRing, of, "The kernel's ring buffer was full: the agent did not read fast enough."),
    loss("no-reader", "No reader", ledger.noReader, of, "A filter took them while no agent was there to read them."),
    loss("queue", "Lost in queue", ledger.lostQueue, of, "The agent's queue to the hub was full: the hub or the network was too slow."),
    loss("refused", "Refused by hub", ledger.refused, of, "Records in batches that the hub refused as damaged or out of place."),
    item("delivered", "Delivered", of(ledger.delivered), "Records the kernel handed to the agent, whole."),
    item("stored", "Committed", exact(ledger.stored), `Records the hub has committed.${onTheWay(inFlight)}`),
    ...flowItems(ledger, of),
    ...own,
  ];
}

/** Of a host the hub is still being asked for: the same counts, not known yet, with about the room that they will take. */
export function ledgerToCome(): readonly LedgerItem[] {
  return ledgerItems(usual, { skipped: 0, malformed: 0, recording: null }).map(({ id, label, value }) =>
    item(id, label, "–", "The hub is being asked for this host's counts.", value.length),
  );
}

/** Nothing is lost, most is in flows, every packet is recorded. */
const usual: Ledger = {
  ...{ stream: "1", since: "", sampleN: 1, snaplen: 128 },
  ...{ seen: "1000000", unmatched: "500000", sampledOut: "0", lostRing: "0", noReader: "0", delivered: "500000" },
  ...{ lostQueue: "0", stored: "500000", refused: "0", flows: "10000", flowFrames: "900000", unflowed: "0", nonFlow: "1000" },
  ...{ lostFlows: "0", refusedFlows: "0" },
};

function sampled(sampleN: number, budget: AgentBudget | null, value: string): LedgerItem {
  const why =
    budget === null
      ? "Left out on purpose, as sampling was asked for."
      : `Left out on purpose, so that the agent stays within its budget of ${exact(budget.recordsPerSecond)} records a second.`;
  return item(
    "sampled",
    sampleN === 1 ? "Sampled out (records every packet)" : `Sampled out (records 1 in ${exact(sampleN)})`,
    value,
    `${why} Counts are exact; the packet list is a sample.`,
  );
}

/** What the agent leaves out of each record, because it could not keep up with more. */
function cutShort(budget: AgentBudget | null): LedgerItem[] {
  if (budget === null || budget.step === "full") return [];
  const value = budget.step === "short" ? "at most 64 bytes" : "addresses only";
  const explanation =
    "Records were lost, or the agent took more than half a core, so each record holds less of its packet until nothing has been lost for a while.";
  return [{ ...item("step", "Cut short", value, explanation), tone: "loss" }];
}

/** Of all frames that were seen, those in flow records, in flows that go on, and in none (SPEC 6.5). */
function flowItems(ledger: Ledger, of: (part: string) => string): LedgerItem[] {
  const going = BigInt(ledger.seen) - BigInt(ledger.flowFrames) - BigInt(ledger.unflowed) - BigInt(ledger.nonFlow);
  const records = `In ${exact(ledger.flows)} flow records the hub has committed.`;
  return [
    item("flows", "In flows", of(ledger.flowFrames), `${records} ${exact(going < 0n ? 0n : going)} more are in flows that have not ended.`),
    item("non-flow", "In no flow", of(ledger.nonFlow), "Frames that are not IP, or whose headers cannot be read."),
    loss(
      "unflowed",
      "Unflowed",
      ledger.unflowed,
      of,
      "No table had room for their flows: they are counted, but nobody can say whose they were.",
    ),
    ...[
      loss("lost-flows", "Flow records lost", ledger.lostFlows, exact, "The agent's queue to the hub was full: counted as unflowed."),
      loss(
        "refused-flows",
        "Flow records refused",
        ledger.refusedFlows,
        exact,
        "In batches that the hub refused as damaged or out of place.",
      ),
    ].filter(({ tone }) => tone !== undefined),
  ];
}

function browserItems(facts: { readonly skipped: number; readonly malformed: number }): LedgerItem[] {
  const items: LedgerItem[] = [];
  if (facts.skipped > 0) {
    items.push({
      ...item(
        "skipped",
        "Left out here",
        exact(facts.skipped),
        "This browser was too slow, so the hub left these records out of its list. Nothing is lost on the hub.",
      ),
      tone: "loss",
    });
  }
  if (facts.malformed > 0) {
    items.push({
      ...item(
        "malformed",
        "Unreadable here",
        exact(facts.malformed),
        "Messages or batches this page could not read. Reload the page; it may be older than the hub.",
      ),
      tone: "loss",
    });
  }
  return items;
}

/** Records are committed as they come, counters once a second: for a moment either may be ahead. */
function onTheWay(inFlight: bigint): string {
  if (inFlight > 0n) return ` ${exact(inFlight)} more are on their way.`;
  return inFlight < 0n ? ` ${exact(-inFlight)} of them came since the last counters, which are sent once a second.` : "";
}

function item(id: string, label: string, value: string, explanation: string, room?: number): LedgerItem {
  return { id, label, value, explanation, room };
}

function loss(id: string, label: string, count: string, of: (part: string) => string, explanation: string): LedgerItem {
  return { id, label, value: of(count), explanation, tone: count === "0" ? undefined : "loss" };
}
