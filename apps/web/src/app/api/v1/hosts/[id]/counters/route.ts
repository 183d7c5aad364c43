import { countersQuerySchema } from "@sonde/protocol/rest";
import { parseInput } from "../../../../../../server/http/body.ts";
import { readId } from "../../../../../../server/http/params.ts";
import { json, route } from "../../../../../../server/http/route.ts";
import { hostCounters } from "../../../../../../server/services/hosts/counters.ts";

export const GET = route<{ id: string }>("person", async ({ ctx, actor, params, request }) => {
  const query = parseInput(countersQuerySchema, Object.fromEntries(new URL(request.url).searchParams));
  const input = { id: readId(params), from: new Date(query.from), to: new Date(query.to), interfaceId: query.interface ?? null };
  return json(await hostCounters({ ctx, actor, input }));
});
