import type { RetentionRequest } from "@sonde/protocol/rest";
import type { Ctx } from "../../context.ts";
import { settingKeys } from "../../store/settings.ts";
import { actorName, audit, requireFleetWriter, type Call, type Tx, type VerbCtx } from "../call.ts";

/**
 * Sets limits of the tables named, whether records of packets are stored, and how long captures are. This hub takes them up
 * at once and others within seconds; what lies beyond new limits is dropped within a minute.
 */
export async function setRetention({ ctx, actor, input }: Call<RetentionRequest, VerbCtx & Pick<Ctx, "hub">>): Promise<void> {
  requireFleetWriter(actor);
  const now = ctx.clock.now();
  await ctx.db.$transaction(async (tx) => {
    if (input.limits) await merge(tx, settingKeys.retention, input.limits, now);
    if (input.keepPackets !== undefined) await merge(tx, settingKeys.keepPackets, input.keepPackets, now);
    if (input.captureDays !== undefined) await merge(tx, settingKeys.captureDays, input.captureDays, now);
    const detail = JSON.parse(JSON.stringify(input));
    await audit(tx, { at: now, actor: actorName(actor), action: "settings.retention", detail });
  });
  await ctx.hub.storeSettingsChanged();
}

/** Members of an object are set one by one, so that two people who set different tables both have their way. */
async function merge(tx: Tx, key: string, value: object | boolean | number, now: number): Promise<void> {
  const text = JSON.stringify(value);
  await tx.$executeRaw`INSERT INTO setting AS s (key, value, updated_at) VALUES (${key}, ${text}::jsonb, ${new Date(now)})
    ON CONFLICT (key) DO UPDATE SET updated_at = EXCLUDED.updated_at,
      value = CASE WHEN jsonb_typeof(s.value) = 'object' AND jsonb_typeof(EXCLUDED.value) = 'object'
        THEN s.value || EXCLUDED.value ELSE EXCLUDED.value END`;
}
