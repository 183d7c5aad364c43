import { randomBytes } from "node:crypto";
import { CodedError } from "@sonde/protocol";
import type { User } from "../../../../../../prisma/generated/client.ts";
import { hashSecret } from "../../secrets.ts";
import { audit, type Call, type Tx } from "../call.ts";

/** Serialises the making of the first user; any fixed number that nothing else locks. */
const FIRST_USER_LOCK = 5_061_237;

/** An address that receives nothing, until the person sets their own (RFC 6761: .invalid). */
export const PLACEHOLDER_EMAIL = "admin@sonde.invalid";

export type ConsumedLink = { readonly user: User; /** False until a first password is set. */ readonly hasPassword: boolean };

/** Takes a sign-in link once and answers whom it signs in: the hub's first user, made on first use. Throws LINK_UNKNOWN, LINK_EXPIRED, LINK_USED. */
export async function consumeAdminLink({ ctx, input }: Call<{ token: string }>): Promise<ConsumedLink> {
  const now = ctx.clock.now();
  return ctx.db.$transaction(async (tx) => {
    const linkId = await takeLink(tx, hashSecret(input.token), new Date(now));
    const user = await firstUser(tx, new Date(now));
    await audit(tx, { at: now, actor: `user:${user.id}`, action: "admin-link.consume", target: linkId });
    const account = await tx.account.findFirst({
      where: { userId: user.id, providerId: "credential", password: { not: null } },
      select: { id: true },
    });
    return { user, hasPassword: account !== null };
  });
}

async function takeLink(tx: Tx, hash: Uint8Array<ArrayBuffer>, now: Date): Promise<string> {
  const taken = await tx.adminLink.updateManyAndReturn({
    where: { hash, usedAt: null, expiresAt: { gt: now } },
    data: { usedAt: now },
    select: { id: true },
  });
  const first = taken[0];
  if (first) return first.id;
  const row = await tx.adminLink.findUnique({ where: { hash } });
  if (!row) throw new CodedError("LINK_UNKNOWN");
  throw new CodedError(row.usedAt ? "LINK_USED" : "LINK_EXPIRED");
}

async function firstUser(tx: Tx, now: Date): Promise<User> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${FIRST_USER_LOCK})`;
  const existing = await tx.user.findFirst({ orderBy: { createdAt: "asc" } });
  if (existing) return existing;
  const id = randomBytes(16).toString("hex");
  return tx.user.create({ data: { id, name: "Admin", email: PLACEHOLDER_EMAIL, createdAt: now, updatedAt: now } });
}
