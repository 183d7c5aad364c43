import { flowsQuerySchema } from "@sonde/protocol/rest";
import { readQuery } from "../../../../server/http/params.ts";
import { json, route } from "../../../../server/http/route.ts";
import { listFlows } from "../../../../server/services/query/flows.ts";

export const GET = route("person", async ({ ctx, actor, request }) => {
  return json(await listFlows({ ctx, actor, input: readQuery(request, flowsQuerySchema) }));
});
