import type { HostInterface } from "../../api/types.ts";
import { quoted } from "../../domain/packets/expressions.ts";
import { filterHref, plainTarget } from "../app/hostTargets.ts";
import type { ValueTarget } from "../app/valueMenu.tsx";

/** An interface of a host, whose packets and flows filters know by its name. */
export function interfaceTarget(hostId: string, name: string): ValueTarget {
  const term = `interface == ${quoted(name)}`;
  const flows = `host.id == "${hostId}" && ${term}`;
  return { ...plainTarget("Interface", name), term, links: [{ label: "Its flows", href: filterHref("/flows", flows) }] };
}

/** An address of an interface. */
export function addressTarget(address: string): ValueTarget {
  const term = `ip.addr == ${address}`;
  return {
    ...plainTarget("Address", address),
    term,
    capture: `host ${address}`,
    links: [{ label: "Flows of all hosts with it", hint: term, href: filterHref("/flows", term) }],
  };
}

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;

/** The hardware address of an interface; one that is not of Ethernet is only copied. */
export function macTarget({ mac }: Pick<HostInterface, "mac">): ValueTarget {
  const target = plainTarget("MAC", mac ?? "");
  return mac === null || !MAC.test(mac) ? target : { ...target, term: `eth.addr == ${mac}`, capture: `ether host ${mac}` };
}

/** Where a program of the agent is attached: `eth0 ingress`, as the agent tells it (SPEC 10.5). */
export function attachedTarget(hostId: string, place: string): ValueTarget {
  const [, name, direction] = /^(.+) (ingress|egress)$/.exec(place) ?? [];
  if (name === undefined) return plainTarget("Attached to", place);
  const { term } = interfaceTarget(hostId, name);
  return { ...plainTarget("Attached to", place), term: `${term} && direction == ${direction === "ingress" ? "in" : "out"}` };
}
