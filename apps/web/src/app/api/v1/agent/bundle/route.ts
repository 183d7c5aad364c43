import { route } from "../../../../../server/http/route.ts";

/** The agent with all it needs, for hosts without npm, compiler or internet. Holds no secret, so needs no sign-in. */
export const GET = route("public", async ({ ctx }) => {
  const { size, sha256 } = await ctx.bundle.facts();
  const headers = {
    "content-type": "application/gzip",
    "content-length": String(size),
    "content-encoding": "identity",
    "x-sonde-sha256": sha256,
    "cache-control": "no-cache",
  };
  return new Response(await ctx.bundle.stream(), { headers });
});
