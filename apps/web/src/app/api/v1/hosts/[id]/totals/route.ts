import { totalsQuerySchema } from "@sonde/protocol/rest";
import { readId, readQuery } from "../../../../../../server/http/params.ts";
import { json, route } from "../../../../../../server/http/route.ts";
import { hostTotals } from "../../../../../../server/services/hosts/totals.ts";

export const GET = route<{ id: string }>("person", async ({ ctx, actor, params, request }) => {
  const { seconds } = readQuery(request, totalsQuerySchema);
  return json(await hostTotals({ ctx, actor, input: { id: readId(params), seconds } }));
});
