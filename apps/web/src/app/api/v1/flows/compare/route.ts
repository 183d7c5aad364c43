import { flowCompareQuerySchema } from "@sonde/protocol/rest";
import { readQuery } from "../../../../../server/http/params.ts";
import { json, route } from "../../../../../server/http/route.ts";
import { compareWindows } from "../../../../../server/services/query/compare.ts";

export const GET = route("person", async ({ ctx, actor, request }) => {
  return json(await compareWindows({ ctx, actor, input: readQuery(request, flowCompareQuerySchema) }));
});
