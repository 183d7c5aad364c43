import type { AddressName, Names } from "@sonde/protocol/rest";
import type { Ctx } from "../../context.ts";
import { requireReader, scopeOf, type Actor, type Call, type VerbCtx } from "../call.ts";
import { inScope } from "../hosts/in-scope.ts";
import { readNameChoices } from "../settings/names.ts";
import { canonical, isOfOneHost, specialOf, type Special } from "./special.ts";

type NamesCtx = VerbCtx & Pick<Ctx, "names">;
type Asked = { readonly text: string; readonly address: string; readonly special: Special | null };

/** Hosts named for one address. */
const MAX_HOSTS = 4;

/**
 * What is known of addresses, in the order asked: enrolled hosts that the actor sees, what IANA reserves them for, DNS
 * names, country and AS. Asks reverse DNS, where that is on, for what comes later, and waits for none of it.
 */
export async function resolveNames({ ctx, actor, input }: Call<{ addresses: readonly string[] }, NamesCtx>): Promise<Names> {
  requireReader(actor);
  const asked = input.addresses.map((text): Asked => {
    const address = canonical(text);
    return { text, address, special: specialOf(address) };
  });
  const [hosts, dns] = await Promise.all([hostsOf(ctx, actor, asked), dnsNames(ctx, asked)]);
  const items = asked.map(({ text, address, special }): AddressName => {
    const { country, asn, asName } = isOutside(special) ? ctx.names.geo.of(address) : nowhere;
    return {
      address: text,
      hosts: hosts.get(address) ?? [],
      special: special === null ? null : { name: special.name, source: special.source },
      name: dns.names.get(address) ?? null,
      country,
      asn,
      asName,
    };
  });
  return { items, pending: dns.pending };
}

const nowhere = { country: null, asn: null, asName: null };
const isOutside = (special: Special | null): boolean => special === null || special.global;

async function hostsOf(ctx: NamesCtx, actor: Actor, asked: readonly Asked[]): Promise<Map<string, AddressName["hosts"]>> {
  const wanted = new Set(asked.filter(({ special }) => !isOfOneHost(special)).map(({ address }) => address));
  const found = new Map<string, AddressName["hosts"]>();
  if (wanted.size === 0) return found;
  const rows = await ctx.db.interface.findMany({
    where: { present: true, addresses: { hasSome: [...wanted] }, host: inScope(scopeOf(actor)) },
    select: { name: true, addresses: true, host: { select: { id: true, name: true } } },
    orderBy: { id: "asc" },
    take: wanted.size * MAX_HOSTS,
  });
  for (const { name, addresses, host } of rows) {
    for (const address of addresses) {
      const list = found.get(address) ?? [];
      if (!wanted.has(address) || list.length >= MAX_HOSTS || list.some((one) => one.id === host.id)) continue;
      found.set(address, [...list, { ...host, interface: name }]);
    }
  }
  return found;
}

/** Addresses that mean something to the resolver: never those of one host or of a group, private ones only where that was allowed. */
async function dnsNames(ctx: NamesCtx, asked: readonly Asked[]): Promise<{ names: Map<string, string | null>; pending: number }> {
  const choices = await readNameChoices(ctx.db);
  if (!choices.reverseDns) return { names: new Map(), pending: 0 };
  const fit = ({ special }: Asked): boolean => isOutside(special) || (choices.reverseDnsPrivate && special?.name === "private");
  const addresses = [...new Set(asked.filter(fit).map(({ address }) => address))];
  const names = await ctx.names.dns.known(addresses);
  return { names, pending: ctx.names.dns.ask(addresses.filter((address) => !names.has(address))) };
}
