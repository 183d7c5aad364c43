import { CodedError } from "@sonde/protocol";
import { route } from "../../server/http/route.ts";

/** The database answers too. */
export const GET = route("public", async ({ ctx }) => {
  await ctx.db.$queryRaw`SELECT 1`.catch((cause: unknown) => {
    throw new CodedError("UNAVAILABLE", undefined, { cause });
  });
  return new Response("ready\n", { headers: { "content-type": "text/plain", "cache-control": "no-store" } });
});
