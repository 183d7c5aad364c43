import type { Capture, CaptureHost } from "../../api/captures.ts";
import { visible } from "../../domain/text.ts";
import { exact } from "../../domain/units.ts";
import { filterHref, hostTarget, hostTerm, plainTarget } from "../app/hostTargets.ts";
import type { ValueTarget } from "../app/valueMenu.tsx";
import { captureCounts, captureEnd, captureState } from "./captureStates.ts";

const count = (heading: string, value: string): ValueTarget => plainTarget(heading, value, exact(value));

/** What was captured: it can be captured once more, and pushed. */
export function expressionTarget({ expression }: Pick<Capture, "expression">): ValueTarget {
  return {
    heading: `Expression ${visible(expression) || "everything"}`,
    text: expression,
    term: null,
    capture: expression,
  };
}

/** What a cell of the list of captures says; without a column the capture. */
export function captureTarget(capture: Capture, column: string | null): ValueTarget {
  switch (column ?? "") {
    case "expression":
      return expressionTarget(capture);
    case "state":
      return plainTarget("State", capture.endedAt === null ? "Running" : `Ended: ${captureEnd(capture.endReason) ?? ""}`);
    case "hosts": {
      const states = captureCounts(capture.states).map((one) => `${one.count} ${one.label}`);
      return plainTarget("Hosts", states.join(", "));
    }
    case "packets":
      return count("Packets", capture.packets);
    case "bytes":
      return count("Captured bytes", capture.bytes);
    case "lost":
      return count("Lost", capture.lost);
    case "begun":
      return plainTarget("Begun", capture.createdAt);
    default:
      return {
        ...expressionTarget(capture),
        heading: `Capture ${visible(capture.name)}`,
        text: capture.name,
        links: [{ label: "Its packets", href: filterHref("/packets", "", { capture: capture.id }) }],
      };
  }
}

/** What a cell of the hosts of a capture says, in a filter of its packets; without a column the host, for the same expression. */
export function captureHostTarget(host: CaptureHost, expression: string, column: string | null): ValueTarget {
  switch (column ?? "") {
    case "state":
      return plainTarget("State", captureState(host.state).label);
    case "packets":
      return count("In the file", host.packets);
    case "matched":
      return count("Matched", host.matched);
    case "sampled":
      return count("Sampled out", host.sampledOut);
    case "lost":
      return count("Lost", host.lost);
    case "bytes":
      return plainTarget("Bytes a packet", host.snaplen === null ? "–" : String(host.snaplen));
    case "clock":
      return plainTarget("Clock offset, ns", host.clockOffsetNs ?? "–");
    case "reason":
      return plainTarget("Why", host.reason ?? "");
    default:
      return { ...hostTarget({ id: host.hostId, name: host.name }, hostTerm(host)), capture: expression };
  }
}
