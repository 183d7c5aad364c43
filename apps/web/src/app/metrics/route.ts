import { route } from "../../server/http/route.ts";

/** For Prometheus: the hub and its hosts. */
export const GET = route("monitor", async ({ ctx, actor }) => {
  const headers = { "content-type": "text/plain; version=0.0.4; charset=utf-8", "cache-control": "no-store" };
  return new Response(await ctx.metrics.text(actor), { headers });
});
