import type { FiltersMessage } from "@sonde/protocol";
import type { Ctx } from "../context.ts";
import { captureLimits, type HostClock } from "../services/captures/limits.ts";
import type { Standing } from "../services/filters/record.ts";
import { setMessages } from "../services/filters/sets.ts";

/**
 * What each of these hosts is to be sent: its set, made once for all that hold the same, with the limits of its
 * captures in its own time. A host whose clock is not known, because it has just gone, is left out.
 */
export async function filterMessages(
  { db, now }: { readonly db: Ctx["db"]; readonly now: number },
  hosts: readonly Standing[],
  clockOf: (hostId: string) => HostClock | null,
): Promise<Map<string, FiltersMessage>> {
  const sets = await setMessages({ db }, [...new Set(hosts.map((host) => host.number))]);
  const messages = new Map<string, FiltersMessage>();
  const clocked = hosts.flatMap(({ hostId, number }) => {
    const clock = clockOf(hostId);
    return clock === null ? [] : [{ hostId, number, clock }];
  });
  const limits = await captureLimits({ db, now }, clocked, [
    ...new Set([...sets.values()].flatMap(({ filters }) => filters.map((one) => one.id))),
  ]);
  for (const { hostId, number } of clocked) {
    const set = sets.get(number);
    if (!set) throw new Error(`host ${hostId} is to hold filter set ${number}, which is not stored`);
    const own = limits.get(hostId);
    const filters = set.filters.map((filter) => {
      const capture = own?.get(filter.id);
      return capture ? { ...filter, capture } : filter;
    });
    messages.set(hostId, { ...set, filters });
  }
  return messages;
}
