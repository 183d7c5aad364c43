import { CodedError, interfaceSchema, passportSchema } from "@sonde/protocol";
import type { HostDetail, HostInterface } from "@sonde/protocol/rest";
import type { Interface } from "../../../../../../prisma/generated/client.ts";
import type { Ctx } from "../../context.ts";
import { ledgerOf } from "../../store/ledger.ts";
import { requireReader, scopeOf, type Call, type VerbCtx } from "../call.ts";
import { inScope } from "./in-scope.ts";
import { presentHost } from "./present.ts";

/** One host with its interfaces and the ledger of its latest agent run. Throws NOT_FOUND. */
export async function getHost({ ctx, actor, input }: Call<{ id: string }, VerbCtx & Pick<Ctx, "hub">>): Promise<HostDetail> {
  requireReader(actor);
  const row = await ctx.db.host.findFirst({
    where: { ...inScope(scopeOf(actor)), id: input.id },
    include: { labels: true, interfaces: { orderBy: { id: "asc" } }, streams: { orderBy: { since: "desc" }, take: 1 } },
  });
  if (!row) throw new CodedError("NOT_FOUND", "No such host");
  const passport = passportSchema.safeParse(row.passport);
  const stream = row.streams[0];
  return {
    ...presentHost(ctx.hub, row, row.interfaces.filter((one) => one.present).length),
    passport: passport.success ? passport.data : null,
    interfaces: row.interfaces.map(presentInterface),
    ledger: stream ? ledgerOf(stream) : null,
  };
}

function presentInterface(row: Interface): HostInterface {
  const { id, present } = row;
  const wire = interfaceSchema.parse({
    ifindex: row.ifindex,
    name: row.name,
    kind: row.kind,
    mac: row.mac,
    mtu: row.mtu,
    up: row.up,
    hook: row.hook,
    ...(row.reason === null ? {} : { reason: row.reason }),
    addresses: row.addresses,
  });
  return { ...wire, id, present };
}
