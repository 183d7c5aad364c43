import { CodedError, type LabelSelector } from "@sonde/protocol";
import type { ApiAccess } from "@sonde/protocol/rest";
import type { Prisma, PrismaClient } from "../../../../../prisma/generated/client.ts";
import type { Ctx, SessionInfo } from "../context.ts";

/** An API token that was good when its request came. `scope` null: it sees all hosts. */
export type TokenInfo = {
  readonly id: string;
  readonly access: ApiAccess;
  readonly scope: LabelSelector | null;
  readonly expiresAt: Date | null;
};

/** Who calls a verb. `local` is a person with the hub's own shell (admin.ts, npm start); `token` a program. */
export type Actor =
  | { readonly kind: "user"; readonly session: SessionInfo }
  | { readonly kind: "token"; readonly token: TokenInfo }
  | { readonly kind: "local" }
  | { readonly kind: "anonymous" };

/** What verbs need of the hub. */
export type VerbCtx = Pick<Ctx, "db" | "clock">;
export type Call<I, C = VerbCtx> = { readonly ctx: C; readonly actor: Actor; readonly input: I };
export type Tx = Parameters<Parameters<PrismaClient["$transaction"]>[0]>[0];

/** Lets signed-in people and the local shell through, and no program. Throws NOT_SIGNED_IN, FORBIDDEN. */
export function requirePerson(actor: Actor): void {
  requireReader(actor);
  if (actor.kind === "token") throw new CodedError("FORBIDDEN", "This needs a person who is signed in, not an API token");
}

/** Lets whoever is known through; what they see is bounded by `scopeOf`. Throws NOT_SIGNED_IN. */
export function requireReader(actor: Actor): void {
  if (actor.kind === "anonymous") throw new CodedError("NOT_SIGNED_IN");
}

/** Lets whoever may change something through; which hosts is bounded by `scopeOf`. Throws NOT_SIGNED_IN, FORBIDDEN. */
export function requireWriter(actor: Actor): void {
  requireReader(actor);
  if (actor.kind === "token" && actor.token.access !== "write") {
    throw new CodedError("FORBIDDEN", "This API token may only read; make one with write access");
  }
}

/** Lets through who may change something that concerns every host. Throws NOT_SIGNED_IN, FORBIDDEN. */
export function requireFleetWriter(actor: Actor): void {
  requireWriter(actor);
  if (scopeOf(actor) !== null) throw new CodedError("FORBIDDEN", "This concerns every host, and this API token sees only some");
}

/** The hosts an actor sees, whatever is asked for; null: all. Every query takes it (store: `Scope`). */
export function scopeOf(actor: Actor): LabelSelector | null {
  return actor.kind === "token" ? actor.token.scope : null;
}

/** Who did something, as the trail names them. */
export function actorName(actor: Actor): string {
  switch (actor.kind) {
    case "user":
      return `user:${actor.session.userId}`;
    case "token":
      return `api-token:${actor.token.id}`;
    case "local":
    case "anonymous":
      return actor.kind;
  }
}

/** Appends to the trail, in the verb's own transaction. `detail` must not hold secrets. */
export async function audit(
  tx: Tx,
  event: { at: number; actor: string; action: string; target?: string; detail?: Prisma.InputJsonObject },
): Promise<void> {
  await tx.auditEvent.create({ data: { ...event, at: new Date(event.at) } });
}
