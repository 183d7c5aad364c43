import { CodedError, type LabelSelector } from "@sonde/protocol";
import type { Prisma, PrismaClient } from "../../../../../prisma/generated/client.ts";
import type { Ctx, SessionInfo } from "../context.ts";

/** Who calls a verb. `local` is a person with the hub's own shell (admin.ts, npm start). */
export type Actor = { readonly kind: "user"; readonly session: SessionInfo } | { readonly kind: "local" } | { readonly kind: "anonymous" };

/** What verbs need of the hub. */
export type VerbCtx = Pick<Ctx, "db" | "clock">;
export type Call<I, C = VerbCtx> = { readonly ctx: C; readonly actor: Actor; readonly input: I };
export type Tx = Parameters<Parameters<PrismaClient["$transaction"]>[0]>[0];

/** Lets signed-in people and the local shell through. Throws NOT_SIGNED_IN. */
export function requirePerson(actor: Actor): void {
  if (actor.kind === "anonymous") throw new CodedError("NOT_SIGNED_IN");
}

/** The hosts an actor sees, whatever is asked for; null: all. Every query takes it (store: `Scope`). */
export function scopeOf(_actor: Actor): LabelSelector | null {
  return null;
}

export function actorName(actor: Actor): string {
  return actor.kind === "user" ? `user:${actor.session.userId}` : actor.kind;
}

/** Appends to the trail, in the verb's own transaction. `detail` must not hold secrets. */
export async function audit(
  tx: Tx,
  event: { at: number; actor: string; action: string; target?: string; detail?: Prisma.InputJsonObject },
): Promise<void> {
  await tx.auditEvent.create({ data: { ...event, at: new Date(event.at) } });
}
