import { CodedError } from "@sonde/protocol";
import { route } from "../../server/http/route.ts";

/** The database answers too, and has every migration that this hub needs. */
export const GET = route("public", async ({ ctx }) => {
  const [found] = await ctx.db.$queryRaw<[{ applied: number }]>`
    SELECT count(DISTINCT migration_name)::int AS applied FROM _prisma_migrations
     WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL AND migration_name = ANY(${[...ctx.migrations]})`.catch((cause: unknown) => {
    throw new CodedError("UNAVAILABLE", undefined, { cause });
  });
  const missing = ctx.migrations.length - found.applied;
  if (missing > 0)
    throw new CodedError("UNAVAILABLE", `${missing} migrations are not in the database; start the hub again, which applies them`);
  return new Response("ready\n", { headers: { "content-type": "text/plain", "cache-control": "no-store" } });
});
