import { CodedError, labelsSchema, type Labels } from "@sonde/protocol";
import type { EnrolRequest, EnrolResponse } from "@sonde/protocol/rest";
import type { Ctx } from "../../context.ts";
import { hashSecret, makeSecret } from "../../secrets.ts";
import { audit, type Call, type Tx, type VerbCtx } from "../call.ts";
import { reassignSets } from "../filters/assign.ts";

type EnrolCtx = VerbCtx & Pick<Ctx, "hub">;

/**
 * Turns an enrolment token into a host, labelled as the token says, and its credential. The token is taken by one statement, so of any number
 * of concurrent uses exactly one wins. Throws TOKEN_UNKNOWN, TOKEN_EXPIRED, TOKEN_USED, TOKEN_REVOKED.
 */
export async function enrolHost({ ctx, input }: Call<EnrolRequest, EnrolCtx>): Promise<EnrolResponse> {
  const now = ctx.clock.now();
  const credential = makeSecret("snd_agent_");
  const host = await ctx.db.$transaction(async (tx) => {
    const { id: tokenId, labels } = await takeToken(tx, hashSecret(input.token), new Date(now));
    const { kernel, os, agentVersion } = input.passport;
    const created = await tx.host.create({
      data: {
        name: input.hostname,
        kernel,
        os,
        agentVersion,
        passport: input.passport,
        enrolledAt: new Date(now),
        credentials: { create: { hash: credential.hash, createdAt: new Date(now) } },
        token: { connect: { id: tokenId } },
        labels: { create: Object.entries(labels).map(([key, value]) => ({ key, value, source: "token" })) },
      },
    });
    await audit(tx, { at: now, actor: `token:${tokenId}`, action: "host.enrol", target: created.id, detail: { name: input.hostname } });
    return created;
  });
  await reassignSets(ctx, { at: now, actor: "hub" });
  ctx.hub.hostsChanged([]);
  return { hostId: host.id, credential: credential.secret, name: host.name };
}

async function takeToken(tx: Tx, hash: Uint8Array<ArrayBuffer>, now: Date): Promise<{ id: string; labels: Labels }> {
  const taken = await tx.enrolmentToken.updateManyAndReturn({
    where: { hash, usedAt: null, revokedAt: null, expiresAt: { gt: now } },
    data: { usedAt: now },
    select: { id: true, labels: true },
  });
  const first = taken[0];
  if (first) return { id: first.id, labels: labelsSchema.parse(first.labels) };
  const row = await tx.enrolmentToken.findUnique({ where: { hash } });
  if (!row) throw new CodedError("TOKEN_UNKNOWN");
  if (row.revokedAt) throw new CodedError("TOKEN_REVOKED");
  throw new CodedError(row.usedAt ? "TOKEN_USED" : "TOKEN_EXPIRED");
}
