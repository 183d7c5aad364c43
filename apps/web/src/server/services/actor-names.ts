import type { VerbCtx } from "./call.ts";

/** What people call those whom the trail names (call.ts: actorName): a person's e-mail, a token's name. */
export async function actorNames(ctx: Pick<VerbCtx, "db">, actors: readonly string[]): Promise<(actor: string) => string> {
  const ids = (kind: string): string[] => [
    ...new Set(actors.filter((actor) => actor.startsWith(kind)).map((actor) => actor.slice(kind.length))),
  ];
  const [people, tokens] = await Promise.all([
    ctx.db.user.findMany({ where: { id: { in: ids("user:") } }, select: { id: true, email: true } }),
    ctx.db.apiToken.findMany({ where: { id: { in: ids("api-token:") } }, select: { id: true, name: true } }),
  ]);
  const names = new Map<string, string>([
    ...people.map(({ id, email }) => [`user:${id}`, email] as const),
    ...tokens.map(({ id, name }) => [`api-token:${id}`, `API token ${name}`] as const),
    ["local", "the hub's own shell"] as const,
  ]);
  return (actor) => names.get(actor) ?? actor;
}
