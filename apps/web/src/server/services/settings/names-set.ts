import type { NameSettings, NameSettingsRequest } from "@sonde/protocol/rest";
import type { Ctx } from "../../context.ts";
import { actorName, audit, requireFleetWriter, type Call, type VerbCtx } from "../call.ts";
import { NAMES_KEY, readNameChoices } from "./names.ts";
import { getNameSettings } from "./names-get.ts";

/** Turns reverse DNS on or off. Throws FORBIDDEN. */
export async function setNameSettings(call: Call<NameSettingsRequest, VerbCtx & Pick<Ctx, "names">>): Promise<NameSettings> {
  const { ctx, actor, input } = call;
  requireFleetWriter(actor);
  const at = ctx.clock.now();
  await ctx.db.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtext(${`setting ${NAMES_KEY}`}))::text`;
    const { reverseDns, reverseDnsPrivate } = await readNameChoices(tx);
    const value = { reverseDns: input.reverseDns ?? reverseDns, reverseDnsPrivate: input.reverseDnsPrivate ?? reverseDnsPrivate };
    const row = { value, updatedAt: new Date(at) };
    await tx.setting.upsert({ where: { key: NAMES_KEY }, create: { key: NAMES_KEY, ...row }, update: row });
    await audit(tx, { at, actor: actorName(actor), action: "settings.names", detail: value });
  });
  return getNameSettings({ ctx, actor, input: null });
}
